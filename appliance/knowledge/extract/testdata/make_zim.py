#!/usr/bin/env python3
"""Makes ZIM files of invented articles, with libzim (pip install libzim).

    make_zim.py OUT.zim            the tiny one that is kept beside this script
    make_zim.py OUT.zim ARTICLES   as many articles, for the long test, and
                                   OUT.jsonl, questions about some of them

All places, people and figures are made up. Article i of the long one says one
thing that no other says (see fact), so that a question has one right answer.
"""
import json
import sys

from libzim.writer import Creator, Hint, Item, StringProvider

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


class Page(Item):
    def __init__(self, path, title, content, mimetype="text/html", front=True):
        super().__init__()
        self.path, self.title, self.content, self.mimetype, self.front = path, title, content, mimetype, front

    def get_path(self):
        return self.path

    def get_title(self):
        return self.title

    def get_mimetype(self):
        return self.mimetype

    def get_contentprovider(self):
        return StringProvider(self.content)

    def get_hints(self):
        return {Hint.FRONT_ARTICLE: self.front}


def html(title, body):
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="stylesheet" href="style.css"></head><body><h1>{title}</h1>{body}</body></html>'
    )


def category(name, members):
    links = "".join(f'<li><a href="{m.replace(" ", "_")}">{m}</a></li>' for m in members)
    return Page(f"Category:{name}", f"Category:{name}", html(f"Category:{name}", f"<ul>{links}</ul>"), front=False)


def tiny():
    yield Page("Lake_Ondera", "Lake Ondera", html("Lake Ondera", (
        "<p>Lake Ondera is a lake of the invented country of Marovia. It holds 3 × 10<sup>8</sup> m<sup>3</sup> of water.</p>"
        "<h2>Fishing</h2><p>The fishers of Ondera catch the silver bando at night, with lamps.</p>"
        "<table><tr><th>Year</th><th>Catch (t)</th></tr><tr><td>2019</td><td>412</td></tr><tr><td>2020</td><td>387</td></tr></table>"
        '<p>See <a href="Bando">bando</a>.</p>')))
    yield Page("Bando", "Bando", html("Bando", (
        "<p>The bando is a silver fish of Lake Ondera. A grown bando weighs 240 grams.</p>")))
    yield Page("Kilemba_tree", "Kilemba tree", html("Kilemba tree", (
        "<p>The kilemba is a tree whose bark smells of pepper. Its leaves take in CO<sub>2</sub> and give oxygen.</p>")))
    yield Page("Marovia", "Marovia", html("Marovia", (
        "<p>Marovia is an invented country. Its capital is Tessaro, and its flag is green and white.</p>")))
    yield Page("Empty_page", "Empty page", "<html><body><img src='dot.png'></body></html>")
    yield Page("Frame", "Frame", html("Frame", "<p>This is a part of a page, and no article.</p>"), front=False)
    yield Page("style.css", "", "p { color: black }", "text/css", False)
    yield Page("dot.png", "", PNG, "image/png", False)
    yield category("Nature", ["Bando", "Kilemba tree", "Bando fish"])
    yield category("Marovia", ["Marovia", "Lake Ondera"])


FIRST = "Ka Mo Ti Re Su Na Lo Vi Be Du".split()
SECOND = "rani lemba soro tashi ndelo mbika vuma kesha lindo garo".split()
TRADES = "potters weavers fishers smiths millers beekeepers tanners carpenters salters boatbuilders".split()
THINGS = "clay cotton fish iron maize honey leather timber salt reeds".split()


def name(i):
    return FIRST[i % 10] + SECOND[i // 10 % 10] + " " + "abcdefghij"[i // 100 % 10].upper() + SECOND[i // 1000 % 10][1:] + str(i)


def fact(i):
    return f"The bridge of {name(i)} was finished in {1700 + i % 300} and rests on {3 + i % 47} arches."


def article(i):
    trade, thing, other = TRADES[i % 10], THINGS[i // 7 % 10], name((i * 7 + 3) % 2000)
    body = (
        f"<p>{name(i)} is a town of the invented country of Marovia. It has {1000 + i * 13} inhabitants, "
        f"most of whom are {trade}. The town lies {200 + i % 900} metres above the sea.</p>"
        f"<h2>History</h2><p>The first {trade} came to {name(i)} from <a href='x'>{other}</a>, because the hills there "
        f"gave them {thing}. {fact(i)} A flood took the old market in {1800 + i % 150}, and the people built a new one "
        f"on higher ground, where it still stands beside the school.</p>"
        f"<h2>Trade</h2><p>Each week the {trade} of {name(i)} send {10 + i % 90} loads of {thing} down the river. "
        f"What they earn pays for the road, for two wells and for the teachers of the school.</p>"
        f"<table><tr><th>Year</th><th>Loads of {thing}</th></tr>"
        f"<tr><td>2018</td><td>{500 + i % 77}</td></tr><tr><td>2019</td><td>{520 + i % 91}</td></tr></table>"
        f"<h2>Nature</h2><p>Around the town grow trees with dark leaves that are {2 + i % 9} cm long. "
        f"In the rains the paths are wet, and the children of {name(i)} walk to school over planks. "
        f"Birds with a red tail nest under the roofs in the month of May, and leave when the maize is cut.</p>"
    )
    return Page(name(i).replace(" ", "_"), name(i), html(name(i), body))


def main(out, articles=0):
    with Creator(out).config_indexing(False, "eng") as zim:
        zim.set_mainpath("Marovia" if not articles else name(0).replace(" ", "_"))
        pages = tiny() if not articles else (article(i) for i in range(articles))
        for page in pages:
            zim.add_item(page)
        if articles:
            for t, trade in enumerate(TRADES):
                zim.add_item(category(f"Towns of {trade}", [name(i) for i in range(t, articles, 10)]))
                zim.add_redirection(f"Town_{t}", f"Town {t}", name(t).replace(" ", "_"), {Hint.FRONT_ARTICLE: True})
        else:
            zim.add_redirection("Bando_fish", "Bando fish", "Bando", {Hint.FRONT_ARTICLE: True})
        for key, value in {
            "Title": "Little Book of Marovia", "Description": "An invented country, for tests", "Language": "eng",
            "Creator": "The Bwenge authors", "Publisher": "Bwenge", "Date": "2026-11-25", "Name": "marovia_en",
            "License": "CC0", "Tags": "_category:test",
        }.items():
            zim.add_metadata(key, value)


def questions(out, articles):
    """90 questions with the words that a right answer holds, from all over the archive."""
    with open(out, "w", encoding="utf-8") as lines:
        for k in range(90):
            i = (k * 37 + 11) % articles
            question, answer = (
                (f"How many arches does the bridge of {name(i)} rest on?", f"{3 + i % 47}"),
                (f"When was the bridge of {name(i)} finished?", f"{1700 + i % 300}"),
                (f"What do most people of {name(i)} work as?", TRADES[i % 10]),
            )[k % 3]
            lines.write(json.dumps({"question": question, "answer": answer}) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        questions(sys.argv[1].removesuffix(".zim") + ".jsonl", int(sys.argv[2]))
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
