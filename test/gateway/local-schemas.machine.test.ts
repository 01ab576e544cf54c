import { afterAll, describe, expect, it } from 'vitest';
import { startPython } from './python-call.ts';

const python = startPython();
afterAll(() => python.end());

type Schema = Record<string, unknown>;
const parameters = (schema: unknown) => python.call('local_schemas', 'parameters', schema) as Promise<Schema>;
/** What becomes of the schema of an argument. */
const argument = async (schema: unknown, root: Schema = {}) => {
  const whole = await parameters({ type: 'object', properties: { p: schema }, ...root });
  return (whole.properties as Schema).p;
};
/** What becomes of the schema of a property within one. */
const property = async (schema: unknown, more: Schema = {}, root: Schema = {}) => {
  const whole = (await argument({ type: 'object', properties: { p: schema }, ...more }, root)) as {
    properties: Schema;
  };
  return whole.properties.p;
};
const anything = ['object', 'array', 'string', 'number', 'integer', 'boolean'].map((type) => ({ type }));

describe('an argument has one type by name, which chat templates look up, beside what it may really be', () => {
  it.each<[string, unknown, Schema]>([
    ['anything', {}, { type: 'string', anyOf: anything }],
    [
      'a choice',
      { anyOf: [{ type: 'number' }, { type: 'string' }] },
      { type: 'string', anyOf: [{ type: 'number' }, { type: 'string' }] },
    ],
    [
      'several types',
      { type: ['integer', 'boolean'] },
      { type: 'integer', anyOf: [{ type: 'integer' }, { type: 'boolean' }] },
    ],
    ['known values', { enum: [1, 'a'] }, { type: 'integer', enum: [1, 'a'] }],
    ['a constant', { const: true }, { type: 'boolean', const: true }],
  ])('%s', async (_, schema, plain) => {
    expect(await argument(schema)).toEqual(plain);
  });
});

describe('a keyword that no grammar can be made of is said in words', () => {
  it.each<[string, unknown, unknown]>([
    ['a pattern', { type: 'string', pattern: '^(?!a).*$' }, { type: 'string', description: '(pattern ^(?!a).*$)' }],
    [
      'lengths, behind what was described',
      { type: 'string', description: 'Text.', minLength: 1, maxLength: 10_000 },
      { type: 'string', description: 'Text. (at least 1 characters; at most 10000 characters)' },
    ],
    [
      'a format that is not known',
      { type: 'string', format: 'email' },
      { type: 'string', description: '(format email)' },
    ],
    [
      'numbers of items',
      { type: 'array', items: { type: 'string' }, maxItems: 5000, uniqueItems: true },
      { type: 'array', items: { type: 'string' }, description: '(at most 5000 items; no item twice)' },
    ],
    ['a negation', { type: 'string', not: { const: 'a' } }, { type: 'string', description: '(not {"const": "a"})' }],
    ['a bound of a number', { type: 'number', minimum: 0.5 }, { type: 'number', description: '(minimum 0.5)' }],
    [
      'names of properties',
      { type: 'object', propertyNames: { pattern: 'x' }, patternProperties: { '^a': {} } },
      { type: 'object', description: '(propertyNames {"pattern": "x"}; patternProperties {"^a": {}})' },
    ],
  ])('%s', async (_, schema, plain) => {
    expect(await property(schema)).toEqual(plain);
  });

  it('an enum of thousands, and what follows from a condition', async () => {
    const many = (await property({ enum: Array.from({ length: 4000 }, (_, index) => `value-${index}`) })) as Schema;
    expect(many).toMatchObject({ type: 'string' });
    expect(many).not.toHaveProperty('enum');
    expect(many.description).toMatch(/^\(one of \["value-0", "value-1".* …\)$/);
    const root = await parameters({ type: 'object', properties: {}, if: {}, else: { required: ['a'] } });
    expect(root.description).toBe('(if {}; else {"required": ["a"]})');
  });
});

describe('what a grammar can be made of stays', () => {
  it.each<[string, unknown]>([
    ['an enum', { type: 'string', enum: ['a', 'b'] }],
    ['a constant', { const: 'a' }],
    ['a description and a default', { type: 'string', description: 'd', default: 'x' }],
    ['bounds of an integer', { type: 'integer', minimum: 0, maximum: 9 }],
    ['a date', { type: 'string', format: 'date' }],
    ['a choice', { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    ['values of a map', { type: 'object', additionalProperties: { type: 'number' } }],
    ['anything', {}],
  ])('%s', async (_, schema) => {
    expect(await property(schema)).toEqual(schema);
  });

  it.each<[string, Schema]>([
    ['a choice', { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    ['a value', { enum: ['a', null] }],
  ])('that it may be null, where it has to be said: %s', async (_, schema) => {
    expect(await property(schema, { required: ['p'] })).toEqual(schema);
  });

  it.each<[string, Schema, Schema]>([
    ['a type', { type: ['string', 'null'], default: null }, { type: 'string' }],
    ['types', { type: ['string', 'number', 'null'] }, { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    [
      'a choice of one',
      { description: 'd', anyOf: [{ type: 'integer', description: 'of it' }, { type: 'null' }] },
      { type: 'integer', description: 'd' },
    ],
    [
      'a choice of more',
      { anyOf: [{ type: 'string' }, { type: 'null' }, { type: 'number' }] },
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
    ],
    ['a value', { enum: ['a', null, 'null'] }, { type: 'string', enum: ['a', 'null'] }],
    ['nothing else than null', { type: 'null' }, { type: 'null' }],
    ['values of several types', { enum: ['a', 1] }, { enum: ['a', 1] }],
  ])('but not where it can be left out instead: %s', async (_, schema, plain) => {
    expect(await property(schema)).toEqual(plain);
  });

  it.each<[string, Schema, Schema]>([
    ['required, as far as it is there', { required: ['p', 'q', 'p'] }, { required: ['p'] }],
    ['that nothing else is allowed', { additionalProperties: false }, { additionalProperties: false }],
  ])('%s', async (_, more, kept) => {
    expect(await parameters({ type: 'object', properties: { p: {} }, ...more })).toMatchObject(kept);
  });
});

describe('a schema in another form', () => {
  it.each<[string, unknown, unknown]>([
    ['true is anything', true, {}],
    ['false is not there', false, undefined],
    ['no type, but properties', { properties: { a: {} } }, { type: 'object', properties: { a: {} } }],
    [
      'oneOf is a choice',
      { oneOf: [{ type: 'string' }, { type: 'number' }] },
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
    ],
    [
      'several types are a choice',
      { type: ['string', 'number'], description: 'd' },
      { anyOf: [{ type: 'string' }, { type: 'number' }], description: 'd' },
    ],
    [
      'several types, one with parts',
      { type: ['string', 'object'], properties: { a: { type: 'string' } } },
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    [
      'several types, none with parts',
      { type: ['string', 'number'], items: { type: 'string' } },
      { anyOf: [{ type: 'string' }, { type: 'number' }], items: { type: 'string' } },
    ],
    ['several types of known values', { type: ['string', 'number'], enum: ['a', 1] }, { enum: ['a', 1] }],
    ['one choice is none', { anyOf: [{ type: 'string' }] }, { type: 'string' }],
    [
      'allOf is one',
      { allOf: [{ properties: { a: {} }, required: ['a'] }, { allOf: [{ properties: { b: { type: 'null' } } }] }] },
      { type: 'object', properties: { a: {}, b: { type: 'null' } }, required: ['a'] },
    ],
    [
      'a tuple is a list of either',
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
      { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
    ],
    ['a list of anything', { type: 'array' }, { type: 'array', items: {} }],
    ['rubbish is anything', 'string', {}],
  ])('%s', async (_, schema, plain) => {
    expect(await property(schema)).toEqual(plain);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['true', true],
    ['a bare object', { type: 'object' }],
    ['an empty one', {}],
    ['a list', []],
  ])('%s as a whole schema is an object without properties', async (_, schema) => {
    expect(await parameters(schema)).toEqual({ type: 'object', properties: {} });
  });

  it('a choice as a whole schema has all of the properties', async () => {
    const schema = {
      anyOf: [{ properties: { a: { type: 'null' } }, required: ['a'] }, { properties: { b: { type: 'null' } } }],
    };
    const properties = { a: { type: 'null' }, b: { type: 'null' } };
    expect(await parameters(schema)).toEqual({ type: 'object', properties });
  });
});

describe('references', () => {
  const $defs = {
    name: { type: 'string', maxLength: 9 },
    node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } },
  };

  it.each<[string, unknown, unknown]>([
    ['unfold', { $ref: '#/$defs/name' }, { type: 'string', description: '(at most 9 characters)' }],
    [
      'keep what stands beside them',
      { $ref: '#/$defs/name', description: 'd' },
      { type: 'string', description: 'd (at most 9 characters)' },
    ],
    [
      'end where they come back',
      { $ref: '#/$defs/node' },
      { type: 'object', properties: { next: { type: 'object', description: '(as #/$defs/node)' } } },
    ],
    ['that lead nowhere are anything', { $ref: '#/$defs/none' }, {}],
    ['that lead elsewhere too', { $ref: 'https://e.org/schema' }, {}],
    ['by an anchor too', { $ref: '#anchor' }, {}],
  ])('%s', async (_, schema, plain) => {
    expect(await property(schema, {}, { $defs })).toEqual(plain);
  });

  it('that multiply have a bound', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `d${index}`,
        {
          properties: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { $ref: `#/$defs/d${index + 1}` }])),
        },
      ]),
    );
    const plain = await parameters({ properties: { p: { $ref: '#/$defs/d0' } }, $defs: chain });
    expect(JSON.stringify(plain).length).toBeLessThan(200_000);
  });

  it('and depth too', async () => {
    const deep = Array.from({ length: 60 }).reduce<Schema>((inner) => ({ type: 'object', properties: { p: inner } }), {
      type: 'string',
    });
    const depth = JSON.stringify(await parameters(deep)).split('"p"').length - 1;
    expect(depth).toBeLessThan(15);
  });
});

describe('the tools of a request', () => {
  const look = { name: 'Look', description: 'd', input_schema: { type: 'object', properties: {} } };

  it.each<[string, unknown, readonly string[]]>([
    ["the client's own stay", look, ['Look']],
    ['with a type, too', { ...look, type: 'custom' }, ['Look']],
    ["a cloud's web search goes", { type: 'web_search_20250305', name: 'web_search' }, []],
    ['what has no schema goes', { type: 'bash_20250124', name: 'bash' }, []],
    ['a set of a remote server goes', { type: 'mcp_toolset', mcp_server_name: 's' }, []],
    ['rubbish goes', 'Look', []],
  ])('%s', async (_, tool, names) => {
    const tools = (await python.call('local_schemas', 'fit_tools', [tool])) as { name: string }[];
    expect(tools.map(({ name }) => name)).toEqual(names);
  });

  it('has nothing in it that only clouds know, and the same form each time', async () => {
    const tool = { ...look, cache_control: {}, defer_loading: true, strict: true, input_examples: [{}] };
    const [first, second] = [
      await python.call('local_schemas', 'fit_tools', [tool]),
      await python.call('local_schemas', 'fit_tools', [tool]),
    ];
    expect(first).toEqual([look]);
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });

  it.each<[string, unknown, unknown]>([
    ['auto', { type: 'auto', disable_parallel_tool_use: true }, { type: 'auto' }],
    ['a tool that is there', { type: 'tool', name: 'Look' }, { type: 'tool', name: 'Look' }],
    ['one that is not', { type: 'tool', name: 'web_search' }, null],
    ['rubbish', 'auto', null],
  ])('a choice of %s', async (_, choice, kept) => {
    expect(await python.call('local_schemas', 'fit_choice', choice, [look])).toEqual(kept);
  });
});
