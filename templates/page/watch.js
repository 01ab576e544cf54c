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

function element(name, { text = '', parts = [], ...attributes } = {}) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) if (value !== '') made.setAttribute(attribute, value);
  made.append(...(text === '' ? [] : [text]), ...parts);
  return made;
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
    element('span', { class: 'swatch', 'aria-hidden': 'true' }),
    name,
    ...small(request.backendName === name ? '' : request.backendName),
    ...(request.why === '' ? [] : [element('span', { class: 'why', text: request.why })]),
  ];
  return element('tr', {
    role: 'row',
    class: `${backend} ${end}${isTrial ? ' trial' : ''}`,
    parts: [
      cell('', '', { kind: 'time', parts: [mark, ` ${request.time}`] }),
      cell('', '', { kind: 'who', parts: who }),
      cell(request.asked, '', { kind: 'asked', parts: small(request.launcher) }),
      cell(request.rule, 'rule', { kind: 'rule' }),
      cell(request.tokensIn, 'in', { parts: small(request.cached === '' ? '' : `${request.cached} cached`) }),
      cell(request.tokensOut, 'out'),
      cell(request.firstWord, 'first word'),
      cell(request.took, 'whole'),
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
  showToday(state);
  showRows(state.fresh, seen === '');
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
    show(await reply.json());
  } catch {
    showGateway('no connection: “watch page” has ended on the machine, or the tunnel to it is closed', 'bad');
  }
}

for (;;) {
  await ask();
  await new Promise((resolve) => setTimeout(resolve, every));
}
