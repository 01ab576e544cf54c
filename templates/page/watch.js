// Draws what it is told. Everything in it is text of others (names of models, rules and subagents) and gets in as text alone:
// the page's policy refuses markup that is made of texts.

/** Milliseconds between two questions. */
const every = 1000;
/** Milliseconds that an answer may take: the first one comes when the log has been read. */
const patience = 60_000;
/** Requests that stay on the page. */
const mostRows = 200;

const part = (id) => document.getElementById(id);
const address = `${location.pathname.replace(/\/$/, '')}/state`;

function filled(made, { text = '', parts = [], ...attributes }) {
  for (const [attribute, value] of Object.entries(attributes)) if (value !== '') made.setAttribute(attribute, value);
  made.append(...(text === '' ? [] : [text]), ...parts);
  return made;
}

const element = (name, more = {}) => filled(document.createElement(name), more);
const drawn = (name, more = {}) => filled(document.createElementNS('http://www.w3.org/2000/svg', name), more);

/** How somebody looks in every plot and row. */
function swatch(look, isLine = false, isDashed = false) {
  const shape = isLine
    ? drawn('path', { class: `line ${look}${isDashed ? ' dashed' : ''}`, d: 'M0 6h12' })
    : drawn('rect', { class: `fill ${look}`, x: 1, y: 1, width: 10, height: 10, rx: 1.5 });
  return drawn('svg', { class: 'swatch', viewBox: '0 0 12 12', 'aria-hidden': 'true', parts: [shape] });
}

const small = (text) => (text === '' ? [] : [element('span', { class: 'small', text })]);
const marks = { answered: '✓', instead: '→', failed: '✗', left: '·' };
const ends = { answered: 'answered', instead: 'answered by another one', failed: 'failed', left: 'left by the client' };

function cell(text, label, { parts = [], kind = 'number' } = {}) {
  return element('td', { role: 'cell', class: kind, text, parts, 'data-label': label });
}

function row(request) {
  const { backend, end, isTrial } = request;
  const mark = element('span', { role: 'img', 'aria-label': ends[end], text: marks[end] });
  const name = request.model === '' ? 'nobody' : request.model;
  const who = [
    swatch(backend),
    `${name} `,
    ...small([request.backendName === name ? '' : request.backendName, request.server].filter(Boolean).join(' ')),
    ...(request.why === '' ? [] : [element('span', { class: 'why', text: request.why })]),
  ];
  return element('tr', {
    role: 'row',
    class: `${backend} ${end}${isTrial ? ' trial' : ''}`,
    parts: [
      cell('', '', { kind: 'time', parts: [mark, ` ${request.time}`] }),
      cell('', '', { kind: 'who', parts: who }),
      cell(`${request.asked} `, 'for', { kind: 'asked', parts: small(request.launcher) }),
      cell(request.rule, 'rule', { kind: 'rule' }),
      cell(`${request.tokensIn} `, 'in', { parts: small(request.cached === '' ? '' : `${request.cached} cached`) }),
      cell(request.tokensOut, 'out'),
      cell(request.firstWord, 'first word'),
      cell(`${request.took} `, 'took', { parts: small(request.waited), kind: 'number took' }),
      cell(request.cost, ''),
      cell(request.status, 'status'),
    ],
  });
}

function showRows(fresh, isFirst) {
  const rows = part('rows');
  for (const request of fresh) {
    const made = row(request);
    if (!isFirst) made.classList.add('new');
    rows.prepend(made);
  }
  while (rows.childElementCount > mostRows) rows.lastElementChild.remove();
  part('requests').hidden = rows.childElementCount === 0;
  part('no-requests').hidden = rows.childElementCount > 0;
}

function figure(name, value, parts = []) {
  return element('div', {
    parts: [
      element('dt', { text: name }),
      element('dd', { parts: [element('span', { class: 'value', text: value }), ...parts] }),
    ],
  });
}

function ceilingFigure({ period, most, percent }) {
  const meter = element('meter', {
    ...{ min: '0', max: '100', low: '80', high: '99', optimum: '0', value: String(percent) },
    'aria-label': `Spent of the ceiling for a ${period}`,
  });
  return figure(`Ceiling for a ${period}`, most, [...small(`${percent} % spent`), meter]);
}

function showToday({ today, ceilings }) {
  part('figures').replaceChildren(
    figure('Requests', today.requests),
    figure('Dollars', today.dollars, small(today.dollarsNote)),
    ...ceilings.map(ceilingFigure),
    figure('Tokens in', today.tokensIn),
    figure('Tokens out', today.tokensOut),
  );
  part('today').textContent = today.words;
}

/** Sizes within a plot, in pixels. */
const height = 190;
const edge = { top: 16, right: 6, bottom: 20 };
const tickLetter = 6.6;
const labelRoom = 62;

/** Where things are in a plot as wide as there is room. */
function scaleOf({ days, ticks, top }, width) {
  const left = 8 + tickLetter * Math.max(...ticks.map(({ words }) => words.length));
  const band = Math.max(1, (width - left - edge.right) / days.length);
  const base = height - edge.bottom;
  return {
    ...{ left, band, base, width },
    x: (day) => left + (day + 0.5) * band,
    y: (value) => base - (Math.min(value, top) / top) * (base - edge.top),
    dayAt: (x) => Math.max(0, Math.min(days.length - 1, Math.floor((x - left) / band))),
  };
}

function gridParts({ ticks }, { left, width, y }) {
  return ticks.flatMap(({ at, words }) => [
    drawn('line', { class: at === 0 ? 'zero' : 'grid', x1: left, x2: width - edge.right, y1: y(at), y2: y(at) }),
    drawn('text', { x: left - 6, y: y(at) + 4, 'text-anchor': 'end', text: words }),
  ]);
}

/** As many days as have room, counted from today. */
function labelParts({ days }, { x, band, base, width }) {
  const each = Math.max(1, Math.ceil(labelRoom / band));
  return days.flatMap(({ label }, index) => {
    const isShown = (days.length - 1 - index) % each === 0;
    const isLast = x(index) + labelRoom / 2 > width;
    const place = { x: isLast ? width - edge.right : x(index), 'text-anchor': isLast ? 'end' : 'middle' };
    return isShown ? [drawn('text', { ...place, y: base + 15, text: label })] : [];
  });
}

function barParts({ series, days }, { x, y, band, base }) {
  const width = Math.max(1.5, Math.min(28, band * 0.74));
  return days.flatMap(({ values, atLeast }, index) => {
    let below = 0;
    const bars = values.flatMap((value, at) => {
      if (!value) return [];
      const [low, high] = [y(below), y(below + value)];
      below += value;
      const tall = Math.max(1, low - high - 1);
      return [drawn('rect', { class: `fill ${series[at].look}`, x: x(index) - width / 2, y: high, width, height: tall })];
    });
    const more = atLeast
      ? [drawn('text', { x: x(index), y: Math.min(base, y(below)) - 3, 'text-anchor': 'middle', text: '+' })]
      : [];
    return [...bars, ...more];
  });
}

function lineParts({ series, days }, { x, y }) {
  return series.flatMap(({ look, dashed }, at) => {
    const kind = `${look}${dashed ? ' dashed' : ''}`;
    const points = days.flatMap(({ values }, index) => (values[at] === null ? [] : [[index, x(index), y(values[at])]]));
    // Days without anything are no part of a line.
    const steps = points.map(([index, left, top], nth) => `${points[nth - 1]?.[0] === index - 1 ? 'L' : 'M'}${left} ${top}`);
    return [
      drawn('path', { class: `line ${kind}`, d: steps.join('') }),
      ...points.map(([, cx, cy]) => drawn('circle', { class: `point ${kind}`, cx, cy, r: 2.5 })),
    ];
  });
}

function limitParts({ limit, top }, { left, width, y }) {
  if (limit === null) return [];
  const right = width - edge.right;
  if (limit.at > top)
    return [drawn('text', { class: 'limit-words', x: right, y: 11, 'text-anchor': 'end', text: `${limit.words} ↑` })];
  return [
    drawn('line', { class: 'limit', x1: left, x2: right, y1: y(limit.at), y2: y(limit.at) }),
    drawn('text', { class: 'limit-words', x: right, y: y(limit.at) - 4, 'text-anchor': 'end', text: limit.words }),
  ];
}

/** The day that is told beside the plots, in all of them the same; today where nobody points at one. */
let chosen = -1;
const views = new Map();

function choose(day) {
  if (day === chosen) return;
  chosen = day;
  for (const view of views.values()) if (view.plot.empty === null && view.scale !== undefined) tellDay(view);
}

function tellDay({ plot, told, legend, drawing, mark, scale }) {
  const { days, kind, series } = plot;
  const index = chosen < 0 ? days.length - 1 : chosen;
  const { label, values, words, total, atLeast } = days[index];
  const rows = series.map(({ name, look, dashed }, at) => ({ name, look, dashed, words: words[at] === '' ? '–' : words[at] }));
  told.textContent = index === days.length - 1 ? `${label}, today` : label;
  legend.replaceChildren(
    ...rows.map(({ name, look, dashed, words: said }) =>
      element('li', { parts: [swatch(look, kind === 'lines', dashed), `${name} `, element('b', { text: said })] }),
    ),
    ...(total === null ? [] : [element('li', { parts: ['together ', element('b', { text: total })] })]),
  );
  const all = total === null ? '' : `, together ${total}`;
  drawing.setAttribute('aria-valuenow', String(index + 1));
  drawing.setAttribute('aria-valuemax', String(days.length));
  drawing.setAttribute('aria-valuetext', `${label}: ${rows.map((row) => `${row.name} ${row.words}`).join(', ')}${all}`);
  mark.setAttribute('x', String(scale.left + index * scale.band));
}

function draw(view) {
  const { plot, drawing, picture } = view;
  const width = drawing.clientWidth;
  if (width === 0) return;
  const scale = scaleOf(plot, width);
  const mark = drawn('rect', { class: 'chosen', y: edge.top, width: scale.band, height: scale.base - edge.top });
  picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
  picture.setAttribute('height', String(height));
  picture.replaceChildren(
    mark,
    ...gridParts(plot, scale),
    ...labelParts(plot, scale),
    ...(plot.kind === 'bars' ? barParts : lineParts)(plot, scale),
    ...limitParts(plot, scale),
  );
  Object.assign(view, { mark, scale });
  tellDay(view);
}

function tableParts({ series, days }) {
  const isSum = days.some(({ total }) => total !== null);
  const head = ['Day', ...series.map(({ name }) => name), ...(isSum ? ['together'] : [])];
  return [
    element('thead', {
      parts: [
        element('tr', {
          parts: head.map((text, at) => element('th', { scope: 'col', class: at === 0 ? '' : 'number', text })),
        }),
      ],
    }),
    element('tbody', {
      parts: days.toReversed().map(({ day, words, total }) =>
        element('tr', {
          parts: [
            element('th', { scope: 'row', text: day }),
            ...[...words, ...(isSum ? [total] : [])].map((text) => element('td', { class: 'number', text: text || '–' })),
          ],
        }),
      ),
    }),
  ];
}

function makeView({ id, title }) {
  const named = { id: `plot-${id}`, text: title };
  const told = element('span', { class: 'quiet' });
  const picture = drawn('svg', { 'aria-hidden': 'true' });
  const drawing = element('div', {
    ...{ class: 'drawing', role: 'slider', tabindex: '0', 'aria-labelledby': named.id, 'aria-valuemin': '1' },
    parts: [picture],
  });
  const legend = element('ul', { class: 'legend' });
  const table = element('table', { 'aria-labelledby': named.id });
  const empty = element('p', { class: 'empty' });
  const details = element('details', {
    parts: [element('summary', { text: 'As a table' }), element('div', { class: 'days', parts: [table] })],
  });
  const caption = element('figcaption', { parts: [element('h3', named), told] });
  const figure = element('figure', { class: 'plot', parts: [caption, empty, legend, drawing, details] });
  const view = { figure, told, legend, drawing, picture, table, empty, details };
  const point = ({ clientX }) => choose(view.scale.dayAt(clientX - drawing.getBoundingClientRect().left));
  drawing.addEventListener('pointermove', point);
  drawing.addEventListener('pointerdown', point);
  drawing.addEventListener('pointerleave', () => choose(-1));
  drawing.addEventListener('blur', () => choose(-1));
  drawing.addEventListener('keydown', (event) => moveBy(view, event));
  new ResizeObserver(() => draw(view)).observe(drawing);
  return view;
}

function moveBy({ plot }, event) {
  const last = plot.days.length - 1;
  const now = chosen < 0 ? last : chosen;
  const next = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: last }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  choose(Math.max(0, Math.min(last, next)));
}

function showPlots(plots) {
  for (const plot of plots) {
    if (!views.has(plot.id)) {
      const made = makeView(plot);
      views.set(plot.id, made);
      part('plots').append(made.figure);
    }
    const view = views.get(plot.id);
    const { told, legend, drawing, table, empty, details } = view;
    view.plot = plot;
    empty.textContent = plot.empty ?? '';
    empty.hidden = plot.empty === null;
    for (const shown of [told, legend, drawing, details]) shown.hidden = plot.empty !== null;
    table.replaceChildren(...tableParts(plot));
    draw(view);
  }
}

function showGateway(words, tone) {
  const shown = part('gateway');
  const text = `${tone === 'good' ? '✓' : '✗'} ${words}`;
  // Said again, it would be read out again.
  if (shown.textContent !== text) shown.textContent = text;
  shown.className = `gateway ${tone}`;
}

let seen = '';

function show(state) {
  part('main').hidden = false;
  showGateway(state.gateway.words, state.gateway.ready ? 'good' : 'bad');
  part('waiting').replaceChildren(...state.waiting.map((text) => element('li', { text })));
  showToday(state);
  showRows(state.fresh, seen === '');
  if (state.plots !== undefined) showPlots(state.plots);
  part('footer').textContent = `As of ${state.at}, by the machine’s clock (${state.timeZone}).`;
  seen = state.seen;
}

async function ask() {
  try {
    const reply = await fetch(`${address}?seen=${encodeURIComponent(seen)}`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(patience),
    });
    if (reply.status === 404)
      return showGateway('this address is an old one: open the one that “watch page” printed last', 'bad');
    if (!reply.ok)
      return showGateway('the log cannot be read: type  claude-routing-install usage --days 30  on the machine, which says why', 'bad');
    show(await reply.json());
  } catch {
    showGateway('no connection: “watch page” has ended on the machine, or the tunnel to it is closed', 'bad');
  }
}

for (;;) {
  await ask();
  await new Promise((resolve) => setTimeout(resolve, every));
}
