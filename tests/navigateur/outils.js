// Finds what a person sees by what is written on it. Every function answers with elements, or with
// a text that says why not: the caller waits and asks again, then fails with that text.

const net = (texte) => (texte || '').replace(/\s+/g, ' ').trim();
const visible = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
const parIds = (ids) => (ids || '').split(/\s+/)
  .map((id) => document.getElementById(id)).filter(Boolean).map((e) => e.textContent).join(' ');

// The words of a label, without those of the field it may hold.
const ecrit = (label) => {
  const copie = label.cloneNode(true);
  copie.querySelectorAll('input, select, textarea, button').forEach((champ) => champ.remove());
  return copie.textContent;
};

const nomsDeChamp = (e) => [
  ...[...(e.labels || [])].map(ecrit), parIds(e.getAttribute('aria-labelledby')), e.getAttribute('aria-label'),
].map(net).filter(Boolean);

const nomsDeCommande = (e) => [
  parIds(e.getAttribute('aria-labelledby')), e.getAttribute('aria-label'), e.innerText, e.textContent,
  e.tagName === 'INPUT' ? e.value : '', e.title, ...[...e.querySelectorAll('img')].map((img) => img.alt),
].map(net).filter(Boolean);

// The only one whose name is `nom`; failing that, the only one whose name starts with it.
const seul = (quoi, candidats, noms, nom) => {
  const cherche = net(nom);
  const exacts = candidats.filter((e) => noms(e).includes(cherche));
  const debuts = candidats.filter((e) => noms(e).some((n) => n.startsWith(cherche)));
  const trouves = exacts.length ? exacts : debuts;
  if (trouves.length === 1) return trouves[0];
  const connus = candidats.map((e) => noms(e)[0] || '(sans nom)').join(' | ');
  return `${trouves.length} ${quoi} « ${cherche} » in ${location.href}; there are: ${connus}`;
};

const CHAMPS = 'input:not([type=hidden]):not([type=submit]):not([type=button]), select, textarea';
const COMMANDES = 'a[href], button, summary, input[type=submit], input[type=button], [role=button], [role=link]';

const champ = (nom) => {
  const champs = [...document.querySelectorAll(CHAMPS)].filter((e) => e.type === 'file' || visible(e));
  return seul('field', champs, nomsDeChamp, nom);
};

const commande = (nom) => {
  const commandes = [...document.querySelectorAll(COMMANDES)].filter(visible);
  return seul('link or button', commandes, nomsDeCommande, nom);
};

const premier = (css) => document.querySelector(css) || `nothing matches ${css} in ${location.href}`;

// Elements that can have a role, the likely ones first: the driver is asked for each.
const porteurs = (nom) => {
  const tous = [...document.querySelectorAll(`${COMMANDES}, ${CHAMPS}, [role], h1, h2, h3, table, nav, main`)];
  const probable = (e) => [...nomsDeCommande(e), ...nomsDeChamp(e)].includes(net(nom));
  const vus = tous.filter(visible);
  return [...vus.filter(probable), ...vus.filter((e) => !probable(e))];
};

// A date or a month is typed in the order of the country of the browser: it is set instead.
const poser = (e, valeur) => {
  e.value = valeur;
  e.dispatchEvent(new Event('input', { bubbles: true }));
  e.dispatchEvent(new Event('change', { bubbles: true }));
  return e.value === valeur ? null : `the field refuses « ${valeur} »`;
};

const choisir = (e, nom) => {
  if (e.tagName !== 'SELECT') return `the field is a ${e.tagName}, and no list`;
  const option = seul('option', [...e.options], (o) => [net(o.text)], nom);
  if (typeof option === 'string') return option;
  if (option.disabled) return `the option « ${nom} » is disabled`;
  e.value = option.value;
  option.selected = true;
  e.dispatchEvent(new Event('input', { bubbles: true }));
  e.dispatchEvent(new Event('change', { bubbles: true }));
  return null;
};

const focus = () => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e);
  const contour = style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
  // The browser itself lights up the part of a date that has the keyboard.
  const partie = ['date', 'month', 'time', 'week'].includes(e.type);
  return { element: e, visible: contour || partie || style.boxShadow !== 'none' };
};

// What passes the right edge of a screen `largeur` wide. On a phone the browser zooms out instead of
// scrolling, and `innerWidth` grows with the page: only the width of the screen can be compared.
const debordement = (largeur) => {
  const racine = document.documentElement;
  const page = Math.max(racine.scrollWidth, document.body.scrollWidth, innerWidth);
  if (page <= largeur) return [];
  const defile = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      if (getComputedStyle(p).overflowX !== 'visible') return true;
    }
    return false;
  };
  const droite = (e) => Math.round(e.getBoundingClientRect().right + scrollX);
  const coupables = [...document.body.querySelectorAll('*')]
    .filter((e) => droite(e) > largeur && !defile(e))
    .map((e) => `<${e.tagName.toLowerCase()} class="${e.className}"> ends at ${droite(e)} px`);
  return [`the page is ${page} px wide on a screen of ${largeur} px`, ...coupables.slice(0, 10)];
};
