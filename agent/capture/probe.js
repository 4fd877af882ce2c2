// Looks at what the viewport shows: runs of text with their places, filled fields, pictures.
// Runs in the page; gives an object that stays there, so that parts of a run can be measured later.
() => {
  const width = innerWidth, height = innerHeight;
  const roots = globalThis[Symbol.for('interarec.roots')];
  const shown = r => r.width > 0 && r.height > 0 && r.right > 0 && r.bottom > 0 && r.left < width && r.top < height;
  const flat = r => [r.left, r.top, r.right, r.bottom];
  const runs = [], fields = [], pictures = [];
  const TEXTLESS = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'HEAD', 'OPTION', 'TEXTAREA', 'DATALIST']);
  const DRAWN = new Set(['IMG', 'CANVAS', 'VIDEO', 'EMBED', 'OBJECT', 'svg', 'SVG', 'PICTURE']);
  let run = null;

  const close = () => { if (run && run.text.trim()) runs.push(run); run = null; };
  const add = node => {
    const data = node.nodeValue;
    if (!data.trim()) { if (run && run.text && !run.text.endsWith(' ')) { run.text += ' '; run.map.push(null); } return; }
    run = run || {text: '', map: []};
    for (let i = 0; i < data.length; i++) {
      const c = data[i];
      if (/\s/.test(c) && c !== '\u00a0') {
        if (run.text && !run.text.endsWith(' ')) { run.text += ' '; run.map.push([node, i]); }
      } else { run.text += c; run.map.push([node, i]); }
    }
  };
  const gap = () => { if (run && run.text && !run.text.endsWith(' ')) { run.text += ' '; run.map.push(null); } };

  // What a picture shows, as far as that can be told without its pixels; '' where it may change.
  const name = (e, style) => {
    const tag = e.tagName.toLowerCase();
    const told = tag === 'img' ? e.currentSrc : tag === 'svg' ? e.outerHTML : style.backgroundImage + style.content;
    if (['canvas', 'video', 'embed', 'object'].includes(tag) || !told || told === 'nonenormal') return '';
    let hash = 0x811c9dc5;
    for (let i = 0; i < told.length; i++) hash = Math.imul(hash ^ told.charCodeAt(i), 0x01000193);
    return tag + ' ' + told.length + ' ' + (hash >>> 0) + ' ' + (told.length < 300 ? told : '');
  };

  const field = e => {
    const r = e.getBoundingClientRect();
    if (!shown(r)) return;
    const type = (e.type || '').toLowerCase();
    if (['hidden', 'checkbox', 'radio', 'button', 'submit', 'reset', 'image', 'range', 'color', 'file'].includes(type)) return;
    let value = e.tagName === 'SELECT' ? [...e.selectedOptions].map(o => o.text).join(', ') : e.value;
    if (!value) return;
    if (type === 'password') value = '\u2022';
    const named = (e.getAttribute('aria-labelledby') || '').split(/\s+/).map(i => e.getRootNode().getElementById?.(i)?.textContent || '');
    let filled = false;
    try { filled = e.matches(':autofill'); } catch { filled = e.matches(':-webkit-autofill'); }
    fields.push({
      value, type, tag: e.tagName, filled, rect: flat(r),
      autocomplete: (e.getAttribute('autocomplete') || '').toLowerCase(),
      names: [e.name, e.id, e.getAttribute('aria-label'), e.placeholder, ...named, ...[...(e.labels || [])].map(l => l.textContent)]
        .filter(Boolean).join(' | ').slice(0, 300),
      form: e.form ? [...document.forms].indexOf(e.form) : -1,
    });
  };

  const walk = node => {
    if (node.nodeType === 3) { add(node); return; }
    if (node.nodeType !== 1 && node.nodeType !== 11) return;
    if (node.nodeType === 1) {
      const tag = node.tagName;
      if (TEXTLESS.has(tag) && tag !== 'TEXTAREA') return;
      if (tag === 'BR') { close(); return; }
      const style = getComputedStyle(node);
      if (style.display === 'none') return;
      if (tag === 'INPUT' || tag === 'TEXTAREA' || tag === 'SELECT') { close(); if (style.visibility !== 'hidden') field(node); return; }
      const inline = style.display.startsWith('inline');
      if (!inline && style.display !== 'contents') close(); else if (style.display !== 'inline') gap();
      const drawn = DRAWN.has(tag) || (/url\(/.test(style.backgroundImage) && !(node.childElementCount && node.clientWidth * node.clientHeight > 0.5 * width * height))
        || (/url\(/.test(style.listStyleImage)) || /url\(/.test(style.content) || (!node.firstChild && !node.shadowRoot && tag !== 'IFRAME');
      if (drawn && style.visibility !== 'hidden' && style.opacity !== '0') {
        const r = node.getBoundingClientRect();
        if (shown(r) && r.width >= 40 && r.height >= 10) pictures.push([...flat(r), name(node, style)]);
      }
      const root = node.shadowRoot || (roots && roots.get(node));
      if (root) { close(); for (const child of root.childNodes) walk(child); close(); }
      if (tag === 'SLOT') { for (const child of node.assignedNodes()) walk(child); if (!node.assignedNodes().length) for (const child of node.childNodes) walk(child); }
      // Light children of a shadow host show through its slots, or not at all.
      else if (!root) for (const child of node.childNodes) walk(child);
      if (!inline && style.display !== 'contents') close(); else if (style.display !== 'inline') gap();
      return;
    }
    for (const child of node.childNodes) walk(child);
  };
  if (document.body) walk(document.body);
  close();

  const visible = [];
  const bounds = (r, from, to) => {
    const rects = [];
    let at = from;
    while (at < to) {
      while (at < to && !r.map[at]) at++;
      if (at >= to) break;
      const [node, first] = r.map[at];
      let last = first, next = at + 1;
      while (next < to && r.map[next] && r.map[next][0] === node) last = r.map[next++][1];
      const range = document.createRange();
      try { range.setStart(node, first); range.setEnd(node, Math.min(last + 1, node.nodeValue.length)); } catch { at = next; continue; }
      for (const rect of range.getClientRects()) if (shown(rect)) rects.push(flat(rect));
      at = next;
    }
    return rects;
  };
  for (const r of runs) {
    const rects = bounds(r, 0, r.text.length);
    if (!rects.length) continue;
    const parent = r.map.find(Boolean)[0].parentElement;
    if (parent && parent.checkVisibility && !parent.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    visible.push(r);
    r.rect = [Math.min(...rects.map(a => a[0])), Math.min(...rects.map(a => a[1])), Math.max(...rects.map(a => a[2])), Math.max(...rects.map(a => a[3]))];
  }
  return {
    told: {
      runs: visible.map(r => [r.text.slice(0, 4000), ...r.rect]), fields, pictures,
      url: location.href, title: document.title, scrollX, scrollY, width, height,
    },
    rects: spans => spans.map(([index, from, to]) => bounds(visible[index], from, to)),
  };
}
