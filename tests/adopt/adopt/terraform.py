"""Reads Terraform's files, without Terraform and its provider for AWS. Answers in JSON, or fails with a line.

module DIR ROOTS    the blocks of a module, and the values of its locals. ROOTS is a JSON object with what expressions
                    may refer to: `var`, whose members must be variables of the module, and `data`.
formatted FILE…     the files that are not in the form of `terraform fmt`
"""

import json
import pathlib
import re
import sys

import hcl2
from lark import Token, Tree


def compact(value):
    return [element for element in value if element not in (None, "")]


def merge(*objects):
    return {key: value for each in objects for key, value in each.items()}


def regex(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"{pattern} is not in {text}")
    return found[0]


# The functions of Terraform that the modules use. `can` is in `call`.
FUNCTIONS = {
    "alltrue": all,
    "compact": compact,
    "jsonencode": json.dumps,
    "keys": sorted,
    "length": len,
    "merge": merge,
    "regex": regex,
    "sort": sorted,
}
OPERATORS = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    "&&": lambda one, other: one and other,
    "||": lambda one, other: one or other,
}
LITERALS = {"null": None, "true": True, "false": False}


def parts(tree):
    """What a tree is made of, without brackets, commas and comments."""
    return [part for part in tree.children if isinstance(part, Tree) and part.data != "new_line_or_comment"]


def text(tree):
    return "".join(str(token) for token in tree.scan_values(lambda value: isinstance(value, Token)))


def value(tree, names):
    """The value of an expression. A name that is not known is a KeyError."""
    inner = parts(tree)
    match str(tree.data):
        case "expr_term" | "interpolation":
            return value(inner[0], names)
        case "identifier":
            return names[text(tree)]
        case "literal_value":
            return LITERALS[text(tree)]
        case "int_lit" | "float_lit":
            return json.loads(text(tree))
        case "string":
            return "".join(str(piece(part, names)) for part in inner)
        case "tuple":
            return [value(part, names) for part in inner]
        case "object":
            return dict(element(part, names) for part in inner)
        case "get_attr_expr_term":
            return value(inner[0], names)[text(parts(inner[1])[0])]
        case "function_call":
            return call(inner, names)
        case "conditional":
            return value(inner[1] if value(inner[0], names) else inner[2], names)
        case "unary_op":
            return not value(inner[0], names)
        case "binary_op":
            operator, other = parts(inner[1])
            return OPERATORS[text(operator)](value(inner[0], names), value(other, names))
        case "for_tuple_expr":
            return [value(inner[1], each) for each in rounds(inner, names)]
        case "for_object_expr":
            return {value(inner[1], each): value(inner[2], each) for each in rounds(inner, names)}
    raise ValueError(f"expressions of the kind {tree.data} are not known here")


def piece(part, names):
    """A piece of a string."""
    inner = parts(part)
    if inner:
        return value(inner[0], names)
    return json.loads(f'"{text(part)}"').replace("$${", "${")


def element(tree, names):
    key, content = parts(tree)
    key = parts(key)[0]
    is_word = [part.data for part in parts(key)] == ["identifier"]
    return text(key) if is_word else value(key, names), value(content, names)


def call(inner, names):
    name, arguments = text(inner[0]), parts(inner[1]) if inner[1:] else []
    if name == "can":
        try:
            value(arguments[0], names)
        except (KeyError, TypeError, ValueError):
            return False
        return True
    return FUNCTIONS[name](*(value(argument, names) for argument in arguments))


def rounds(inner, names):
    """The names in each round of a `for` that its condition does not leave out."""
    *variables, collection = parts(inner[0])
    collection = value(collection, names)
    pairs = collection.items() if isinstance(collection, dict) else enumerate(collection)
    for pair in pairs:
        each = names | dict(zip(map(text, variables), pair[-len(variables):]))
        if inner[-1].data != "for_cond" or value(parts(inner[-1])[0], each):
            yield each


def attributes(body):
    return {text(parts(part)[0]): parts(part)[1] for part in parts(body) if part.data == "attribute"}


def blocks(body):
    """Each block's labels, the first of which is its kind, and its body."""
    for block in parts(body):
        if block.data == "block":
            *labels, content = parts(block)
            yield [text(label).strip('"') for label in labels], content


def converted(given, kind):
    """A value as the type that a variable declares."""
    inner = parts(kind)
    if kind.data == "expr_term":
        return converted(given, inner[0])
    if given is None:
        return None
    if kind.data == "identifier":
        if not isinstance(given, {"string": str, "bool": bool, "number": int}[text(kind)]):
            raise ValueError(f"{given} is no {text(kind)}")
        return given
    name, of = text(inner[0]), parts(inner[1])[0]
    if isinstance(given, dict) != (name == "map"):
        raise ValueError(f"{given} is no {name}")
    if name == "map":
        return {key: converted(each, of) for key, each in given.items()}
    elements = [converted(each, of) for each in given]
    return sorted(set(elements)) if name == "set" else elements


def variables(bodies, given):
    """The values of variables that are given or have a default, each valid."""
    values = {}
    for name, body in bodies.items():
        declared = attributes(body)
        if name not in given and "default" not in declared:
            continue
        content = given[name] if name in given else value(declared["default"], {})
        values[name] = converted(content, declared["type"])
        for _, validation in blocks(body):
            rule, names = attributes(validation), {"var": {name: values[name]}}
            if not value(rule["condition"], names):
                raise ValueError(value(rule["error_message"], names))
    for name in given:
        if name not in values:
            raise ValueError(f"there is no variable {name}")
    return values


def module(folder, roots):
    roots = json.loads(roots)
    bodies, expressions, addresses, given = {}, {}, [], {}
    files = sorted(pathlib.Path(folder).glob("*.tf"))
    if not files:
        raise ValueError(f"{folder} holds no .tf file")
    for file in files:
        for labels, body in blocks(parts(hcl2.parses_to_tree(file.read_text()))[0]):
            addresses.append(".".join(labels))
            if labels[0] == "locals":
                expressions |= attributes(body)
            elif labels[0] == "variable":
                bodies[labels[1]] = body
            else:
                given[addresses[-1]] = list(attributes(body))
    names = roots | {"var": variables(bodies, roots["var"]), "local": {}}
    unknown = {}
    # A local may use others: in each round at least one of the rest becomes known.
    for _ in list(expressions):
        for name in expressions.keys() - names["local"].keys():
            try:
                names["local"][name] = value(expressions[name], names)
                unknown.pop(name, None)
            except KeyError as why:
                unknown[name] = str(why)
    return {"blocks": addresses, "attributes": given, "locals": names["local"], "unknown": unknown}


ATTRIBUTE = re.compile(r'( *)("[^"]*"|[\w.-]+)( *)=( *)(?![=>])\S.*')
STRING = re.compile(r'"(?:\\.|[^"\\])*"')


def is_formatted(content):
    """Indented by two spaces for each line that opened a bracket. Neighbouring attributes of one line, or with a heredoc,
    are aligned."""
    opened, heredoc, group = [], None, []
    for number, line in enumerate(content.splitlines()):
        if heredoc:
            heredoc = None if line.strip() == heredoc else heredoc
            continue
        code = STRING.sub('""', line).split("#")[0]
        if "\t" in line or line != line.rstrip():
            return False
        for character in re.match(r"[\s)\]}]*", code)[0].strip():
            opened.pop()
        indent = 2 * len(set(opened))
        if line and len(line) - len(line.lstrip()) != indent:
            return False
        before = len(opened)
        for character in code.lstrip().lstrip(")]} "):
            if character in "([{":
                opened.append(number)
            elif character in ")]}":
                opened.pop()
        if found := re.search(r"<<-?(\w+)$", code):
            heredoc = found[1]
        attribute = ATTRIBUTE.fullmatch(line)
        is_whole = attribute and len(opened) == before
        if attribute and not (attribute[4] == " " and attribute[3]):
            return False
        if attribute and not is_whole and attribute[3] != " ":
            return False
        if is_whole:
            group.append(attribute)
        elif group:
            if not is_aligned(group):
                return False
            group = []
    return is_aligned(group)


def is_aligned(group):
    widest = max((len(attribute[2]) for attribute in group), default=0)
    return all(len(attribute[2] + attribute[3]) == widest + 1 for attribute in group)


def formatted(*files):
    texts = {file: pathlib.Path(file).read_text() for file in files}
    for content in texts.values():
        hcl2.parses_to_tree(content)
    return [file for file, content in texts.items() if not is_formatted(content)]


try:
    json.dump({"module": module, "formatted": formatted}[sys.argv[1]](*sys.argv[2:]), sys.stdout)
except (ValueError, TypeError) as why:
    sys.exit(str(why))
