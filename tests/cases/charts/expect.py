#!/usr/bin/env python3
"""Asks real Helms what the charts of this folder render to, and writes their answers beside them.

    expect.py NAME=PROGRAM...      e.g. expect.py 3.19=helm3 4.2=helm4

A chart is one text, `CHART.txt`: each file after a line `# path: …`. It is rendered on its own values, and on
these with each further YAML file of the folder `chart`. `CHART.NAME.out` holds the answers: a line
`=== VALUES` before each, and for an error `error: ` before what Helm says.
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def unpack(text, folder):
    """Writes the files and gives the names of those with values."""
    names = []
    for part in text.split("# path: ")[1:]:
        path, _, content = part.partition("\n")
        file = pathlib.Path(folder, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        own = path.removeprefix("chart/")
        if "/" not in own and own.endswith(".yaml") and own not in ("Chart.yaml", "values.yaml", "requirements.yaml"):
            names.append(own)
    return names


def answer(program, folder, values):
    """What Helm prints, or its error."""
    command = [program, "template", "shop", f"{folder}/chart", "--namespace", "web", "--kube-version", "1.31.0",
               "--include-crds"]
    for name in values:
        command += ["--values", f"{folder}/chart/{name}"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode == 0:
        return run.stdout
    said = run.stderr[run.stderr.index("Error: ") + len("Error: "):]
    return "error: " + said.removesuffix("\n\nUse --debug flag to render out invalid YAML\n").rstrip("\n") + "\n"


for chart in sorted(HERE.glob("*.txt")):
    for helm in sys.argv[1:]:
        version, program = helm.split("=", 1)
        with tempfile.TemporaryDirectory() as folder:
            further = unpack(chart.read_text(), folder)
            answers = [("values.yaml", answer(program, folder, []))]
            answers += [(name, answer(program, folder, [name])) for name in further]
        text = "".join(f"=== {name}\n{said}" for name, said in answers)
        chart.with_suffix(f".{version}.out").write_text(text)
