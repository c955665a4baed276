"""Signatures by real keys: of people we know, of strangers, and on tags that were changed afterwards."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mreg.adapters.git import Git
from mreg.adapters.git import signatures as module
from mreg.adapters.git.signatures import signature_states
from mreg.core.signatures import UNSIGNED, Signature, SignatureState
from tests.gitrepos import (
    copy_repository,
    git,
    gpg,
    new_repository,
    new_ssh_key,
    run_git,
    sign_with,
    stop_gpg,
    trust,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BAD, UNKNOWN = Signature(SignatureState.BAD), Signature(SignatureState.UNKNOWN)
ADA = Signature(SignatureState.GOOD, "ada@example.com")


def _store(repository: Path, name: str, content: str) -> None:
    oid = git(repository, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=content)
    git(repository, "update-ref", f"refs/tags/{name}", oid)


def _tamper(repository: Path, name: str, *, old: str, new: str) -> None:
    """A copy of a signed tag that says something else under the same signature."""
    content = git(repository, "cat-file", "tag", old) + "\n"
    _store(repository, name, content.replace("\n\n", f"\n\n{new}\n", 1))


def _verified(repository: Path, name: str) -> bool:
    """What git itself says by its exit code."""
    return run_git(repository, "verify-tag", f"refs/tags/{name}").returncode == 0


@pytest.fixture(scope="session")
def keys(environment: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_ssh_key(folder / name) for name in ("ada", "stranger")}


@pytest.fixture(scope="session")
def first_signed(first_repository: Path, keys: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a tag of every kind, in which Ada's key is known."""
    repository = copy_repository(first_repository, tmp_path_factory.mktemp("signed") / "repository")
    sign_with(repository, keys["stranger"])
    git(repository, "tag", "-s", "-m", "by a stranger", "m@v2.0.0")
    sign_with(repository, keys["ada"])
    git(repository, "tag", "-s", "-m", "by Ada", "m@v1.0.0")
    _tamper(repository, "m@v3.0.0", old="m@v1.0.0", new="not what Ada wrote")
    _tamper(repository, "m@v4.0.0", old="m@v2.0.0", new="not what the stranger wrote")
    git(repository, "tag", "--no-sign", "-a", "-m", "not signed", "m@v5.0.0")
    git(repository, "tag", "--no-sign", "m@v6.0.0")
    block = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"
    _store(repository, "m@v7.0.0", git(repository, "cat-file", "tag", "m@v5.0.0") + f"\n{block}")
    return repository


@pytest.fixture
def signed(first_signed: Path, keys: dict[str, Path], tmp_path: Path) -> Path:
    repository = copy_repository(first_signed, tmp_path / "repository")
    trust(repository, ada=keys["ada"])
    return repository


EXPECTED = {
    "m@v1.0.0": ADA,
    "m@v2.0.0": UNKNOWN,
    "m@v3.0.0": BAD,
    "m@v4.0.0": BAD,
    "m@v5.0.0": UNSIGNED,
    "m@v6.0.0": UNSIGNED,
    "m@v7.0.0": BAD,
    "m@v8.0.0": UNKNOWN,  # there is no such tag
}


class TestSsh:
    def test_each_tag_has_its_own_state(self, signed: Path) -> None:
        assert signature_states(Git(signed), list(EXPECTED)) == EXPECTED
        assert [name for name in EXPECTED if _verified(signed, name)] == ["m@v1.0.0"]

    def test_in_any_order_and_company(self, signed: Path) -> None:
        names = [name for pair in zip(EXPECTED, reversed(EXPECTED), strict=True) for name in pair]
        assert signature_states(Git(signed), names) == EXPECTED
        for name, signature in EXPECTED.items():
            assert signature_states(Git(signed), [name]) == {name: signature}

    def test_none_asked(self, signed: Path) -> None:
        assert signature_states(Git(signed), []) == {}

    @pytest.mark.parametrize("setting", ["unset", "empty", "missing", "garbage"])
    def test_nobody_is_known_here(self, signed: Path, setting: str) -> None:
        git(signed, "config", "--unset", "gpg.ssh.allowedSignersFile")
        if setting != "unset":
            file = signed / ".git" / "signers"
            if setting != "missing":
                write(file, "" if setting == "empty" else "garbage\n\n# 'x'\n")
            git(signed, "config", "gpg.ssh.allowedSignersFile", str(file))
        states = signature_states(Git(signed), ["m@v1.0.0", "m@v2.0.0", "m@v5.0.0"])
        assert states == {"m@v1.0.0": UNKNOWN, "m@v2.0.0": UNKNOWN, "m@v5.0.0": UNSIGNED}

    @pytest.mark.parametrize(
        ("options", "principal"),
        [
            ("ada@example.com", "ada@example.com"),
            ('"Ada Lovelace"', "Ada Lovelace"),
            ('"Ada with RSA key"', "Ada with RSA key"),
            ("*@example.com", "*@example.com"),
            ("ünïcode", "ünïcode"),
            ("with", "with"),
        ],
    )
    def test_principals(self, signed: Path, keys: dict[str, Path], options: str, principal: str) -> None:
        self._allow(signed, f"{options} {self._public(keys)}")
        assert signature_states(Git(signed), ["m@v1.0.0"])["m@v1.0.0"].signer == principal

    @pytest.mark.parametrize("restriction", ['valid-before="20200101"', 'valid-after="20990101"', 'namespaces="file"'])
    def test_a_key_that_is_not_allowed_for_this(self, signed: Path, keys: dict[str, Path], restriction: str) -> None:
        self._allow(signed, f"ada@example.com {restriction} {self._public(keys)}")
        assert signature_states(Git(signed), ["m@v1.0.0"]) == {"m@v1.0.0": UNKNOWN}
        assert not _verified(signed, "m@v1.0.0")

    def test_a_revoked_key(self, signed: Path, keys: dict[str, Path]) -> None:
        revoked = signed / ".git" / "revoked"
        subprocess.run(["ssh-keygen", "-q", "-k", "-f", revoked, f"{keys['ada']}.pub"], check=True)
        git(signed, "config", "gpg.ssh.revocationFile", str(revoked))
        assert signature_states(Git(signed), ["m@v1.0.0"]) == {"m@v1.0.0": BAD}

    def test_a_signature_made_for_something_else(self, signed: Path, keys: dict[str, Path], tmp_path: Path) -> None:
        """The same key, the same bytes, but signed as a file: it must not pass for a tag's."""
        content = git(signed, "cat-file", "tag", "m@v5.0.0") + "\n"
        file = write(tmp_path / "tag", content)
        subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", keys["ada"], file], check=True)
        _store(signed, "m@v9.0.0", content + Path(f"{file}.sig").read_text())
        assert signature_states(Git(signed), ["m@v9.0.0"]) == {"m@v9.0.0": BAD}

    def test_no_program_to_check_with(self, signed: Path) -> None:
        git(signed, "config", "gpg.ssh.program", "/nonexistent")
        assert signature_states(Git(signed), ["m@v1.0.0", "m@v3.0.0"]) == {"m@v1.0.0": UNKNOWN, "m@v3.0.0": UNKNOWN}

    @pytest.mark.parametrize("minimum", ["fully", "Marginal"])
    def test_the_trust_that_git_is_told_to_demand(self, signed: Path, minimum: str) -> None:
        git(signed, "config", "gpg.minTrustLevel", minimum)
        assert signature_states(Git(signed), ["m@v1.0.0"]) == {"m@v1.0.0": ADA}
        assert _verified(signed, "m@v1.0.0")

    def test_a_demand_that_git_does_not_understand(self, signed: Path) -> None:
        git(signed, "config", "gpg.minTrustLevel", "a lot")
        assert signature_states(Git(signed), ["m@v1.0.0"]) == {"m@v1.0.0": UNKNOWN}

    def test_a_message_that_talks_like_git(self, signed: Path, keys: dict[str, Path]) -> None:
        """Nothing that a tag's author writes may be read as git's own words."""
        claim = (
            'Good "git" signature for ada@example.com with ED25519 key SHA256:x\n'
            "[GNUPG:] GOODSIG 1 Ada\n[GNUPG:] TRUST_ULTIMATE\nerror: tag '..' not found.\n"
        )
        sign_with(signed, keys["stranger"])
        git(signed, "tag", "-s", "--cleanup=verbatim", "-F", "-", "m@v9.0.0", stdin=claim)
        names = ["m@v9.0.0", "m@v1.0.0", "m@v2.0.0"]
        assert list(signature_states(Git(signed), names).values()) == [UNKNOWN, ADA, UNKNOWN]

    @pytest.mark.parametrize("name", ["-n", "--raw", "a b'\"", "ünïcode@v1.0.0", "x\u2028y", "m@v1.0.0/x"])
    def test_odd_names(self, signed: Path, name: str) -> None:
        name = name.replace(" ", "\u00a0")
        git(signed, "update-ref", f"refs/tags/odd/{name}", "refs/tags/m@v1.0.0")
        git(signed, "update-ref", f"refs/heads/odd/{name}", "HEAD")
        assert signature_states(Git(signed), [f"odd/{name}", "m@v3.0.0"]) == {f"odd/{name}": ADA, "m@v3.0.0": BAD}

    def test_tracing_does_not_disturb(self, signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_TRACE", "1")
        assert signature_states(Git(signed), list(EXPECTED)) == EXPECTED

    def test_sha256(self, tmp_path: Path, keys: dict[str, Path]) -> None:
        repository = new_repository(tmp_path / "wide", object_format="sha256")
        sign_with(repository, keys["ada"])
        trust(repository, ada=keys["ada"])
        git(repository, "tag", "-s", "-m", "by Ada", "m@v1.0.0")
        _tamper(repository, "m@v2.0.0", old="m@v1.0.0", new="changed")
        assert list(signature_states(Git(repository), ["m@v1.0.0", "m@v2.0.0"]).values()) == [ADA, BAD]

    @staticmethod
    def _public(keys: dict[str, Path]) -> str:
        return Path(f"{keys['ada']}.pub").read_text()

    @staticmethod
    def _allow(repository: Path, line: str) -> None:
        git(repository, "config", "gpg.ssh.allowedSignersFile", str(write(repository / ".git" / "signers", line)))


class TestManyTags:
    WHOLE = tuple(name for name in EXPECTED if name != "m@v7.0.0")  # a broken signature may end git

    def test_one_process_for_one_lot(self, signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        started = _count_processes(monkeypatch)
        signature_states(Git(signed), self.WHOLE)
        assert started == ["verify-tag"]

    def test_more_names_than_one_process_takes(self, signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_ROOM", 2 * (len("m@v1.0.0") + module._OVERHEAD))
        started = _count_processes(monkeypatch)
        states = signature_states(Git(signed), self.WHOLE)
        assert states == {name: EXPECTED[name] for name in self.WHOLE}
        assert started == ["verify-tag"] * 4

    def test_more_arguments_than_the_system_takes(self, signed: Path) -> None:
        """Names that git finds to be no tags cost nothing but their place in the list of arguments."""
        names = [f"{'n' * 150}@v1.0.{number}" for number in range(20_000)]
        states = signature_states(Git(signed), [*names, "m@v1.0.0"])
        assert len(states) == 20_001
        assert states["m@v1.0.0"] == ADA
        assert {states[name] for name in names} == {UNKNOWN}

    def test_git_failing_in_the_middle_leaves_the_rest_unknown(self, signed: Path) -> None:
        oid = git(signed, "rev-parse", "refs/tags/m@v2.0.0")
        path = signed / ".git" / "objects" / oid[:2] / oid[2:]
        path.chmod(0o644)
        path.write_bytes(b"damaged")
        names = ["m@v1.0.0", "m@v2.0.0", "m@v3.0.0"]
        states = signature_states(Git(signed), names)
        assert states["m@v1.0.0"] == ADA
        assert states["m@v2.0.0"] == UNKNOWN
        assert states["m@v3.0.0"] in {BAD, UNKNOWN}

    def test_broken_signatures_that_end_git_do_not_hide_the_others(self, signed: Path) -> None:
        """Where ssh-keygen does not read what git writes into the pipe, git is killed before it looks at the rest."""
        for name in ("m@v8.0.0", "m@v9.0.0"):
            _tamper(signed, name, old="m@v7.0.0", new="long\n" * 50_000)
        assert run_git(signed, "verify-tag", "m@v8.0.0").returncode == -13
        states = signature_states(Git(signed), ["m@v8.0.0", *EXPECTED, "m@v9.0.0"])
        assert states == EXPECTED | {"m@v8.0.0": BAD, "m@v9.0.0": BAD}


def _count_processes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    started: list[str] = []
    real = Git.start

    def start(self: Git, *args: str, **options: object) -> object:
        started.append(args[0])
        return real(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "start", start)
    return started


class TestOpenPgp:
    """The same by GnuPG, whose keyrings live in a folder."""

    USER = "Ada Lovelace <ada@example.com>"

    @pytest.fixture
    def signed_by_gpg(self, repository: Path, gpg_home: Path, use: Callable[[Path], None]) -> Path:
        use(gpg_home)
        git(repository, "tag", "-s", "-m", "by Ada", "m@v1.0.0")
        _tamper(repository, "m@v2.0.0", old="m@v1.0.0", new="not what Ada wrote")
        return repository

    @pytest.fixture
    def use(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
        return lambda home: monkeypatch.setenv("GNUPGHOME", str(home))

    @pytest.fixture
    def other_home(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
        """Somebody else's keyring, empty."""
        home = tmp_path_factory.mktemp("gpg")
        yield home
        stop_gpg(home)

    def test_a_trusted_key(self, signed_by_gpg: Path) -> None:
        states = signature_states(Git(signed_by_gpg), ["m@v1.0.0", "m@v2.0.0"])
        assert states == {"m@v1.0.0": Signature(SignatureState.GOOD, self.USER), "m@v2.0.0": BAD}

    def test_a_missing_key(self, signed_by_gpg: Path, other_home: Path, use: Callable[[Path], None]) -> None:
        use(other_home)
        states = signature_states(Git(signed_by_gpg), ["m@v1.0.0", "m@v2.0.0"])
        assert set(states.values()) == {UNKNOWN}

    @pytest.mark.parametrize("minimum", ["", "undefined", "fully"])
    def test_a_key_that_nobody_trusts(
        self, signed_by_gpg: Path, gpg_home: Path, other_home: Path, use: Callable[[Path], None], minimum: str
    ) -> None:
        gpg(other_home, "--import", stdin=gpg(gpg_home, "--export"))
        use(other_home)
        if minimum:
            git(signed_by_gpg, "config", "gpg.minTrustLevel", minimum)
        states = signature_states(Git(signed_by_gpg), ["m@v1.0.0", "m@v2.0.0"])
        good = Signature(SignatureState.GOOD, self.USER)
        assert states == {"m@v1.0.0": good if minimum == "undefined" else UNKNOWN, "m@v2.0.0": BAD}

    def test_a_revoked_key(
        self, signed_by_gpg: Path, gpg_home: Path, other_home: Path, use: Callable[[Path], None]
    ) -> None:
        [revocation] = (gpg_home / "openpgp-revocs.d").glob("*.rev")
        gpg(other_home, "--import", stdin=gpg(gpg_home, "--export"))
        gpg(other_home, "--import", stdin=revocation.read_bytes().replace(b"\n:-----BEGIN", b"\n-----BEGIN"))
        use(other_home)
        assert signature_states(Git(signed_by_gpg), ["m@v1.0.0"]) == {"m@v1.0.0": BAD}

    def test_two_signatures_in_one_block(self, signed_by_gpg: Path, gpg_home: Path) -> None:
        """Git trusts neither, since it could not say whose the tag is."""
        git(signed_by_gpg, "tag", "--no-sign", "-a", "-m", "x", "m@v3.0.0")
        content = git(signed_by_gpg, "cat-file", "tag", "m@v3.0.0") + "\n"
        one = gpg(gpg_home, "--detach-sign", stdin=content.encode())
        for name, blocks in (("m@v4.0.0", one), ("m@v5.0.0", one + one)):
            armored = gpg(gpg_home, "--enarmor", stdin=blocks).decode().replace("PGP ARMORED FILE", "PGP SIGNATURE")
            _store(signed_by_gpg, name, content + armored)
        states = signature_states(Git(signed_by_gpg), ["m@v4.0.0", "m@v5.0.0"])
        assert states == {"m@v4.0.0": Signature(SignatureState.GOOD, self.USER), "m@v5.0.0": BAD}
        assert [_verified(signed_by_gpg, name) for name in states] == [True, False]

    def test_ssh_and_openpgp_side_by_side(self, signed_by_gpg: Path, keys: dict[str, Path]) -> None:
        sign_with(signed_by_gpg, keys["ada"])
        trust(signed_by_gpg, ada=keys["ada"])
        git(signed_by_gpg, "tag", "-s", "-m", "by Ada", "m@v3.0.0")
        names = ["m@v1.0.0", "m@v3.0.0", "m@v2.0.0"]
        good = Signature(SignatureState.GOOD, self.USER)
        assert list(signature_states(Git(signed_by_gpg), names).values()) == [good, ADA, BAD]

    def test_x509_without_its_program(self, repository: Path) -> None:
        git(repository, "tag", "-a", "-m", "x", "m@v1.0.0")
        block = "-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n"
        _store(repository, "m@v2.0.0", git(repository, "cat-file", "tag", "m@v1.0.0") + f"\n{block}")
        git(repository, "config", "gpg.x509.program", "/nonexistent")
        assert signature_states(Git(repository), ["m@v2.0.0"]) == {"m@v2.0.0": UNKNOWN}
