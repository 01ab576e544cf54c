"""Tools that a local model can be offered: their schemas in the words that a grammar can be made of.

Written by claude-routing-install. Local servers turn the schemas of all tools into one grammar; a single keyword that cannot be
turned ends every request of the session. llama.cpp (LM Studio, Ollama) stumbles over unanchored patterns, lookaheads, escapes
such as \\d, repetitions above 2,000 or nested ones, references that lead nowhere; others over what they do not know. What is taken
out of a schema is said in its description, where a model reads it. Clouds get the original.

The same schema gives the same text each time. The work is linear in a schema's size: what references unfold to has a bound.
"""

import functools
import json

import json_bytes

# Parts that are taken over as they are.
KEPT = ("title", "default", "const")
# Formats that llama.cpp has rules for; it passes over others, stricter servers do not.
FORMATS = ("date", "time", "date-time", "uuid")
# Limits that are said in words instead.
SAID = {
    "pattern": "pattern {}",
    "format": "format {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} properties",
    "maxProperties": "at most {} properties",
    "multipleOf": "a multiple of {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "contentEncoding": "encoded as {}",
    "contentMediaType": "holding {}",
}
UNFOLDED = ("not", "if", "then", "else", "propertyNames", "patternProperties", "dependentRequired", "dependentSchemas", "contains")
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
DEEPEST = 10
MOST_PARTS = 4000
MOST_VALUES = 100
LONGEST_SAID = 400
LONGEST_VALUES = 4000


class Simplifier:
    """Makes one schema plain. References are unfolded until the parts run out; a recursion ends in a plain object."""

    def __init__(self, root):
        self.root, self.left = root, MOST_PARTS

    def plain(self, schema, depth=0, within=()):
        if not isinstance(schema, dict):
            return {}
        self.left -= 1
        reference = schema.get("$ref", schema.get("$dynamicRef"))
        if isinstance(reference, str):
            return self.unfold(schema, reference, depth, within)
        if depth > DEEPEST or self.left < 0:
            return with_words(one_type(typed(schema)), schema, [])
        combined = self.combine(schema, depth, within)
        result, words = typed(combined), []
        result.update({key: combined[key] for key in KEPT if key in combined})
        self.describe_values(combined, result, words)
        self.describe_limits(combined, result, words)
        self.add_parts(combined, result, depth, within)
        words += [f"{key} {short(schema[key])}" for key in UNFOLDED if key in schema]
        return with_words(one_type(result), combined, words)

    def unfold(self, schema, reference, depth, within):
        target = None if reference in within else self.target(reference)
        if target is None or self.left < 0 or depth > DEEPEST:
            recursive = reference in within
            kept = {key: schema[key] for key in ("title", "description") if key in schema}
            return with_words({"type": "object"} if recursive else {}, kept, [f"as {reference}"] if recursive else [])
        beside = {key: value for key, value in schema.items() if key not in ("$ref", "$dynamicRef", "$defs", "definitions")}
        return self.plain({**target, **beside} if beside else target, depth, (*within, reference))

    def target(self, reference):
        """What a reference within the same schema names; None for one that leads elsewhere or nowhere."""
        if reference != "#" and not reference.startswith("#/"):
            return None
        place = self.root
        for step in reference[1:].split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            if isinstance(place, dict):
                place = place.get(step)
            elif isinstance(place, list) and step.isdigit() and int(step) < len(place):
                place = place[int(step)]
            else:
                return None
        return place if isinstance(place, dict) else None

    def combine(self, schema, depth, within):
        """allOf as one schema: what it demands together is said together."""
        parts = [part for part in listed(schema.get("allOf")) if isinstance(part, dict)]
        if not parts:
            return schema
        whole = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts:
            named = part.get("$ref")
            part = (self.target(named) if isinstance(named, str) and named not in within else None) or part
            self.left -= 1
            if depth < DEEPEST and self.left > 0:
                part = self.combine(part, depth + 1, within)
            for key, value in part.items():
                if key == "properties" and isinstance(value, dict):
                    whole[key] = {**value, **mapped(whole.get(key))}
                elif key == "required":
                    whole[key] = list(dict.fromkeys([*listed(whole.get(key)), *listed(value)]))
                elif key not in ("$ref", "allOf"):
                    whole.setdefault(key, value)
        return whole

    def describe_values(self, schema, result, words):
        values = schema.get("enum")
        if not isinstance(values, list) or not values:
            return
        if len(values) <= MOST_VALUES and len(json.dumps(values)) <= LONGEST_VALUES:
            result["enum"] = values
            return
        if "type" not in result and all(isinstance(value, str) for value in values):
            result["type"] = "string"
        shown = json.dumps(values, ensure_ascii=False)
        words.append(f"one of {shown if len(shown) <= LONGEST_VALUES else shown[:LONGEST_VALUES] + ' …'}")

    def describe_limits(self, schema, result, words):
        if schema.get("type") == "integer":
            result.update({key: schema[key] for key in ("minimum", "maximum") if isinstance(schema.get(key), int)})
        else:
            words += [f"{key} {schema[key]}" for key in ("minimum", "maximum") if isinstance(schema.get(key), (int, float))]
        if schema.get("format") in FORMATS and schema.get("type") == "string" and "enum" not in result:
            result["format"] = schema["format"]
        for key, saying in SAID.items():
            value = schema.get(key)
            if isinstance(value, (int, float, str)) and not isinstance(value, bool) and key not in result:
                words.append(saying.format(short(value)))
        words += ["no item twice"] if schema.get("uniqueItems") is True else []

    def add_parts(self, schema, result, depth, within):
        properties = {
            str(name): self.plain(part, depth + 1, within) for name, part in mapped(schema.get("properties")).items() if part is not False
        }
        if properties or "properties" in schema:
            result["properties"] = properties
        required = [name for name in listed(schema.get("required")) if name in properties]
        if required:
            result["required"] = list(dict.fromkeys(required))
        for name in properties.keys() - set(required):
            properties[name] = without_null(properties[name])
        additional = schema.get("additionalProperties")
        if additional is False:
            result["additionalProperties"] = False
        elif isinstance(additional, dict) and additional:
            result["additionalProperties"] = self.plain(additional, depth + 1, within)
        items = schema.get("items")
        tuple_items = listed(schema.get("prefixItems")) or listed(items)
        if isinstance(items, dict) and items and not tuple_items:
            result["items"] = self.plain(items, depth + 1, within)
        elif tuple_items:
            result["items"] = self.one_of(tuple_items, depth, within)
        elif result.get("type") == "array":
            result["items"] = {}
        choices = listed(schema.get("anyOf")) + listed(schema.get("oneOf"))
        if choices and "enum" not in result:
            self.choose(result, self.one_of(choices, depth, within), bool(properties))

    def one_of(self, schemas, depth, within):
        plain = []
        for schema in schemas[:MOST_VALUES]:
            part = self.plain(schema, depth + 1, within)
            plain += [part] if part not in plain and schema is not False else []
        return plain[0] if len(plain) == 1 else {"anyOf": plain} if plain else {}

    def choose(self, result, choice, has_properties):
        """Choices beside properties only say which of these belong together: a grammar can hold one of the two."""
        if "anyOf" not in choice:
            for key, value in choice.items():
                result.setdefault(key, value)
        elif not has_properties:
            result.pop("type", None)
            result["anyOf"] = choice["anyOf"]


def listed(value):
    return value if isinstance(value, list) else []


def mapped(value):
    return value if isinstance(value, dict) else {}


def short(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]} …"


def typed(schema):
    """The type alone; told from the other keywords where it is missing."""
    kind = schema.get("type")
    if isinstance(kind, list):
        known = [name for name in kind if name in TYPES]
        return {"type": known[0] if len(known) == 1 else known} if known else {}
    if kind in TYPES:
        return {"type": kind}
    if isinstance(schema.get("properties"), dict):
        return {"type": "object"}
    return {"type": "array"} if "items" in schema or "prefixItems" in schema else {}


def one_type(schema):
    """Several types as a choice: chat templates look a type up by its name, and a list has none."""
    kinds = schema.get("type")
    if not isinstance(kinds, list):
        return schema
    rest = {key: value for key, value in schema.items() if key != "type"}
    for kind, parts in (("object", "properties"), ("array", "items")):
        if parts in rest and kind in kinds:
            return {**rest, "type": kind}
    return rest if "enum" in rest or "anyOf" in rest else {"anyOf": [{"type": kind} for kind in kinds], **rest}


def without_null(schema):
    """What may be left out need not be null as well: chat templates know one plain type for a property, or none."""
    plain = {key: value for key, value in schema.items() if key != "default" or value is not None}
    values = [value for value in listed(plain.get("enum")) if value is not None]
    if values:
        plain["enum"] = values
    choices = [choice for choice in listed(plain.get("anyOf")) if choice.get("type") != "null"]
    if len(choices) == 1:
        del plain["anyOf"]
        plain = {**choices[0], **plain}
    elif choices:
        plain["anyOf"] = choices
    named = {kind_of(value) for value in values}
    return {"type": named.pop(), **plain} if "type" not in plain and len(named) == 1 else plain


def with_type(schema):
    """One type by name, for templates that look it up; a grammar goes by the choice or the values beside it."""
    if "type" in schema:
        return schema
    values = listed(schema.get("enum")) or ([schema["const"]] if "const" in schema else [])
    if values:
        return {"type": kind_of(values[0]), **schema}
    choices = listed(schema.get("anyOf")) or [{"type": kind} for kind in TYPES if kind != "null"]
    named = [choice["type"] for choice in choices if isinstance(choice.get("type"), str)]
    return {"type": "string" if "string" in named or not named else named[0], **schema, "anyOf": choices}


def kind_of(value):
    """The type of a value as a schema names it."""
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "null")


def with_words(result, schema, words):
    described = schema.get("description")
    description = described if isinstance(described, str) else ""
    added = f"({'; '.join(words)})" if words else ""
    whole = " ".join(filter(None, (description, added)))
    return {**result, "description": whole} if whole else result


def parameters(schema):
    """A tool's whole schema: an object, because that is what arguments are."""
    root = schema if isinstance(schema, dict) else {}
    plain = Simplifier(root).plain(root)
    for choice in plain.pop("anyOf", []):
        plain["properties"] = {**mapped(choice.get("properties")), **mapped(plain.get("properties"))}
    named = {name: with_type(part) for name, part in mapped(plain.get("properties")).items()}
    required = [name for name in listed(plain.get("required")) if name in named]
    kept = {key: value for key, value in plain.items() if key in ("description", "title", "additionalProperties")}
    return {"type": "object", "properties": named, **({"required": required} if required else {}), **kept}


@functools.lru_cache(maxsize=1024)
def parameters_of(text):
    """The plain form of a schema given as JSON. A session sends the same tools with every request."""
    return parameters(json.loads(text))


def is_offered(tool):
    """Whether a tool is one that the client runs: a cloud's own has a type with a version and no schema."""
    return isinstance(tool, dict) and isinstance(tool.get("name"), str) and isinstance(tool.get("input_schema"), (dict, bool))


def fit_tools(tools):
    """The tools that the client itself runs, with plain schemas. What is no tool of the client's is left out."""
    return [fit_tool(tool) for tool in tools if is_offered(tool)]


def fit_tool(tool):
    described = tool.get("description")
    return {
        "name": tool["name"],
        **({"description": described} if isinstance(described, str) and described else {}),
        "input_schema": parameters_of(json_bytes.written(tool["input_schema"])),
    }


def fit_choice(choice, tools):
    """A choice among the tools that are left; None where it names one that is not, or there are none."""
    if not isinstance(choice, dict) or not tools:
        return None
    if choice.get("type") != "tool":
        return {"type": choice.get("type")}
    return {"type": "tool", "name": choice.get("name")} if choice.get("name") in {tool["name"] for tool in tools} else None


def suspects(tools, error):
    """The names of the tools that a refusal of a schema may mean: those it quotes, else those that demand most of a grammar."""
    offered = [tool for tool in tools if is_offered(tool)]
    quoted = [tool["name"] for tool in offered if f'"{tool["name"]}"' in error or f"{tool['name']}-" in error or f"'{tool['name']}'" in error]
    if quoted:
        return quoted
    changed = [tool["name"] for tool in offered if demands(tool["input_schema"])]
    return changed or [tool["name"] for tool in sorted(offered, key=lambda tool: -len(json.dumps(tool["input_schema"])))[:1]]


def demands(schema):
    """Whether a schema holds a keyword that is taken out for a local model."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if any(key in part and not isinstance(part[key], dict) for key in ("pattern", "maxLength", "maxItems", "$ref", "multipleOf")):
                return True
            if any(key in part for key in ("not", "if", "patternProperties", "propertyNames", "allOf")):
                return True
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return False
