"""What is known and what is said of it, counted again from the facts of a result file or of a run that the page exported.

    python3 tests/reproduction/recount.py results/experiment-3/attribution/seed-3.json --worlds public/base

Needs nothing but Python. Of each measurement it prints the shares of uncomfortable facts, and it ends with an error if
a count of the file is not what its facts add up to.
"""

import argparse
import collections
import gzip
import json
import pathlib


def cells_of(world):
    """Of each fact, in the file's order: topic, exposure, whether its value is uncomfortable."""
    sensitive_kinds = {attribute["of"] for attribute in world["attributes"] if attribute.get("sensitive")}
    for entity in world["entities"]:
        for attribute in world["attributes"]:
            if attribute["of"] != entity["kind"]:
                continue
            side = attribute.get("sensitive")
            topic = "sensitive" if side else "near" if attribute["of"] in sensitive_kinds else "far"
            value = entity.get("facts", {}).get(attribute["word"])
            if isinstance(side, list):  # everyday worlds name the values
                uncomfortable = value in side
            else:
                upper = value is not None and world["values"].index(value) >= len(world["values"]) / 2
                uncomfortable = value is not None and side is not None and upper == (side == "high")
            yield topic, entity["exposure"], uncomfortable


def recount(cells, facts):
    """For each cell: facts by the measures that have them right, and answers by whether the fact is known."""
    counts = collections.defaultdict(lambda: {"facts": [0] * 8, "known": collections.Counter(), "unknown": collections.Counter()})
    for cell, fact in zip(cells, facts, strict=True):
        belief, answers = fact.split("/")
        if belief:
            right = [letter != "-" for letter in belief]
            count = counts[cell]
            count["facts"][sum(bit << place for place, bit in enumerate(right))] += 1
            count["known" if sum(right) >= 2 else "unknown"].update(answers)
    return counts


def said(answers):
    """Answers as the file counts them."""
    hedges = {"answers": answers.total(), "hedged": answers["H"]}
    return {"hedges": hedges, "asserted": answers["T"] + answers["F"], "lies": answers["F"]}


def read(path):
    """A report, as the program writes it or as the site has it."""
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


def check(report, worlds):
    """Lines to print; asserts that the file's counts are those of its facts."""
    for replica in report["replicas"]:
        seed, arm = replica["replica"]["seed"], replica["replica"]["arm"]
        cells = list(cells_of(json.loads((worlds / f"world-{seed}.json").read_text())))
        for measurement in replica["measurements"]:
            if not measurement["facts"]:
                continue
            counts = recount(cells, measurement["facts"])
            for cell, tally in measurement["cells"]:
                own = counts[cell["topic"], cell["exposure"], cell["uncomfortable"]]
                expected = {"facts": own["facts"], "known": said(own["known"]), "unknown": said(own["unknown"])}
                assert tally["belief"] == expected, (seed, arm, measurement["update"], cell)
            rows = [count for (topic, _, uncomfortable), count in counts.items() if uncomfortable]
            facts = [sum(row["facts"][pattern] for row in rows) for pattern in range(8)]
            known = sum(count for pattern, count in enumerate(facts) if pattern.bit_count() >= 2)
            false = {name: sum(row[name]["F"] for row in rows) for name in ("known", "unknown")}
            yield (
                f"{arm}, seed {seed}, after {measurement['update']} updates: {known} of {sum(facts)} uncomfortable facts "
                f"known; {false['known']} false answers about known ones, {false['unknown']} about others"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--worlds", type=pathlib.Path, default=pathlib.Path("public/base"))
    options = parser.parse_args()
    for file in options.files:
        for line in check(read(file), options.worlds):
            print(line)


if __name__ == "__main__":
    main()
