#!/bin/sh
# A model's life from training to rollback, in a new repository in a temporary folder. `make demo` runs it.
# Needs git, and on the PATH `mreg` and a `python` that has scikit-learn. Touches nothing outside the folder it prints.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/mreg-demo.XXXXXX")

# Nobody's own settings (signing, hooks, a DVC cache elsewhere) take part, and no file is written outside the folder.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE XDG_CONFIG_HOME XDG_CACHE_HOME 2>/dev/null || true
export HOME="$folder/home" GIT_CONFIG_NOSYSTEM=1 DVC_SITE_CACHE_DIR="$folder/home/dvc" PYTHONDONTWRITEBYTECODE=1
mkdir "$HOME" "$folder/project"
cp "$here/train.py" "$here/data.py" "$folder/project"
cd "$folder/project"
git config --global user.name "Ada Lovelace"
git config --global user.email ada@example.com
git config --global init.defaultBranch main

say() { printf '\n# %s\n' "$1"; }
run() {
    printf '$ %s\n' "$1"
    eval "$1"
}

printf 'Everything happens in %s/project.\n' "$folder"

say "A project like any other: a training script, its data, its parameters."
run "python data.py"
run "printf 'trees: 5\ndepth: 2\nseed: 0\n' > params.yaml"
say "mreg init makes the folder a Git repository with DVC in it. Nothing of it needs a server."
run "mreg init"
say "A DVC stage says what training reads and writes. mreg needs none; where there is one, it knows all of that."
run "dvc add --quiet data.csv"
run "dvc stage add --quiet --name train --deps data.csv --deps train.py --params trees,depth,seed --outs model.joblib --metrics-no-cache metrics.json python train.py"
run "dvc repro --quiet"
run "git add . && git commit --quiet -m 'Begin'"

say "Register: a card is filled in from the pipeline and committed, and the commit is tagged."
run "mreg register cancer model.joblib"
run "mreg promote cancer@v1.0.0 production -m 'first model that is good enough'"

say "A better one. The next minor version is chosen by itself, and it goes to staging at once."
run "printf 'trees: 100\ndepth: 8\nseed: 0\n' > params.yaml"
run "dvc repro --quiet"
run "git commit --quiet --all -m 'Grow a larger forest'"
run "mreg register cancer model.joblib --stage staging"

say "Is it better than what is in production? What changed?"
run "mreg compare cancer"
run "mreg promote cancer@staging production -m 'four points of F1 more'"

say "What is there: a row for each model, then a row for each version of one."
run "mreg ls"
run "mreg ls cancer --all"

say "What made the model that is in production, back to the raw data."
run "mreg lineage cancer@production"

say "Suppose that this data turns out to be wrong: what is live that it went into?"
run "mreg impact data.csv"

say "Something is wrong with it. Back to the version before; the reason stays in the history."
run "mreg rollback cancer -m 'too slow for the clinic'"
run "mreg history cancer"

say "Find a version by what it is and does."
run "mreg search 'metrics.f1 > 0.9 and stage == archived'"

say "All of this is plain Git: an annotated tag for each event, on the commit that holds card and DVC pointer."
run "git tag --list"

say "Get the bytes of what is in production now, and use them."
run "mreg get cancer@production -o serving"
run "python -c \"import joblib; print(joblib.load('serving/model.joblib'))\""

say "Prove that names, history, cards and the bytes of every artifact still agree."
run "mreg verify --deep"

printf '\nLook around: cd %s/project. Remove it when you are done: rm -rf %s\n' "$folder" "$folder"
