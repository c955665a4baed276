"""The smallest useful Typer program: what `mreg --help` is measured against."""

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def greet(name: str = "world") -> None:
    """Greet somebody."""
    typer.echo(f"Hello {name}")


if __name__ == "__main__":
    app()
