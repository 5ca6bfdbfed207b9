"""What programs of tests start with: functions and classes that do the same, except that some of them count, change something or are quiet."""

HEAD = """
import configparser, functools, glob, gzip, io, itertools, json, logging, sys, threading, types
from dataclasses import dataclass, field
from pathlib import Path
calls = []
config = {"dir": "data/"}
def noisy(path):
    calls.append(path)
    return open(path)
def quiet(path):
    return open(path)
def count(text):
    calls.append(text)
    return len(text)
def size(text):
    return len(text)
class Disk:
    def load(self, path):
        return open(path).read()
class CountingDisk:
    def load(self, path):
        calls.append(path)
        return open(path).read()
class QuietDisk:
    def load(self, path):
        return open(path).read().strip()
class Log:
    def info(self, text):
        config["dir"] = "other/"
class Shifting:
    def append(self, text):
        config["dir"] = "other/"
"""
"""Imports, and functions and classes to choose between."""
PAGES = """
class Page:
    def __init__(self, path):
        self.path = path
    def load(self):
        return open(self.path).read()
class CountedPage:
    def __init__(self, path):
        self.path = path
    def load(self):
        calls.append(self.path)
        return open(self.path).read()
"""
"""Two classes with the same methods, of which one counts its calls."""
