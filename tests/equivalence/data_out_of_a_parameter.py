# fix: safe
"""Helpers go over a list that they are given, and over files that they open themselves."""

import csv


def rows(file, words):
    return [[word in cell for word in words] for row in csv.reader(file) for cell in row]


def load(path, words):
    with open(path) as file:
        return rows(file, words), [len(word) for word in words]


def collect(paths, words):
    out = []
    for path in paths:
        out.append(load(path, words))
    return out


print(collect([f"data/{number}.txt" for number in range(6)], sorted({"1", "line"})))
