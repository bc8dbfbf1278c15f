"""The history of a run as a picture."""

from pathlib import Path

from zoo.data.atomic import replacing


def draw_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw the losses over the epochs on the left, the other validation figures on the right."""
    from matplotlib.figure import Figure

    epochs = [row["epoch"] for row in history]
    names = [name for name in history[0] if name != "epoch"]
    losses = [name for name in names if name.endswith("loss")]
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    for axes, shown in zip(
        figure.subplots(1, 2), (losses, [n for n in names if n not in losses]), strict=True
    ):
        for name in shown:
            axes.plot(epochs, [row[name] for row in history], marker="o", label=name)
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
        if shown:
            axes.legend()
    with replacing(path) as beside:
        figure.savefig(beside, format="png", dpi=120)
