/**
 * QR codes of texts up to 213 bytes: model 2, byte mode, level M, versions 1 to 10, as defined in ISO/IEC 18004.
 *
 * A code is a square of modules, rows of true for dark. Most of it is the text with check words (Reed-Solomon), laid
 * out in columns of two from the lower right, and inverted by the one of eight masks that makes the code easiest to read.
 */

/** @typedef {boolean[][]} Modules */

/** For each version at level M: check words of a block, and how many data words each of its blocks has. */
const BLOCKS = [
  [10, 16],
  [16, 28],
  [26, 44],
  [18, 32, 32],
  [24, 43, 43],
  [16, 27, 27, 27, 27],
  [18, 31, 31, 31, 31],
  [22, 38, 38, 39, 39],
  [22, 36, 36, 36, 37, 37],
  [26, 43, 43, 43, 43, 44],
];
/** Positions of the centres of the small squares, in both directions. */
const ALIGNED = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

/** @type {((x: number, y: number) => boolean)[]} */
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const QUIET = 4; // modules of white around it

/**
 * The code of a text.
 * @param {string} text
 * @returns {Modules}
 */
export function qrCode(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = BLOCKS.findIndex(([, ...sizes], number) => sum(sizes) * 8 >= 4 + lengthBits(number + 1) + bytes.length * 8) + 1;
  if (!version) throw new RangeError(`${bytes.length} bytes`);
  const bits = interleaved(dataWords(bytes, version), version).flatMap((word) => bitsOf(word, 8));
  const codes = MASKS.map((mask, number) => drawn(version, bits, mask, number));
  return codes.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

/**
 * A code as a picture, with the white that readers want around it.
 * @param {string} text
 * @param {string} label
 */
export function qrPicture(text, label) {
  const code = qrCode(text);
  const side = code.length + 2 * QUIET;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ class: "qr", viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label })) svg.setAttribute(name, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", code.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + QUIET} ${y + QUIET}h1v1h-1z`] : []))).join(""));
  svg.append(path);
  return svg;
}

/** @param {number} version */
const lengthBits = (version) => (version < 10 ? 8 : 16);

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/**
 * @param {number} value
 * @param {number} length
 */
const bitsOf = (value, length) => Array.from({ length }, (_, place) => (value >> (length - 1 - place)) & 1);

/**
 * The text as words, padded.
 * @param {number[]} bytes
 * @param {number} version
 */
function dataWords(bytes, version) {
  const room = sum(BLOCKS[version - 1].slice(1));
  const bits = [...bitsOf(4, 4), ...bitsOf(bytes.length, lengthBits(version)), ...bytes.flatMap((byte) => bitsOf(byte, 8))];
  bits.push(...Array(Math.min(4, room * 8 - bits.length)).fill(0));
  bits.push(...Array(-bits.length & 7).fill(0));
  const words = Array.from({ length: bits.length / 8 }, (_, at) => bits.slice(at * 8, at * 8 + 8).reduce((all, bit) => all * 2 + bit, 0));
  for (let fill = 0; words.length < room; fill += 1) words.push(fill % 2 ? 0x11 : 0xec);
  return words;
}

/**
 * Data and check words of all blocks, interleaved, so that a stain damages each only a little.
 * @param {number[]} words
 * @param {number} version
 */
function interleaved(words, version) {
  const [checks, ...sizes] = BLOCKS[version - 1];
  let at = 0;
  const blocks = sizes.map((size) => words.slice(at, (at += size)));
  const inTurns = (/** @type {number[][]} */ lists) => Array.from({ length: Math.max(...lists.map((one) => one.length)) }, (_, place) => lists.flatMap((one) => (place < one.length ? [one[place]] : []))).flat();
  return [...inTurns(blocks), ...inTurns(blocks.map((block) => checkWords(block, checks)))];
}

/**
 * Product in the field of 256 elements that QR codes use.
 * @param {number} a
 * @param {number} b
 */
function times(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> bit) & 1) * a;
  }
  return product;
}

/**
 * The remainder of a block by the generator for ``many`` check words.
 * @param {number[]} block
 * @param {number} many
 */
function checkWords(block, many) {
  let generator = [1];
  for (let power = 0, root = 1; power < many; power += 1, root = times(root, 2)) {
    const shifted = [...generator, 0];
    generator = shifted.map((value, place) => value ^ (place ? times(generator[place - 1], root) : 0));
  }
  const rest = [...block, ...Array(many).fill(0)];
  for (let at = 0; at < block.length; at += 1) {
    const factor = rest[at];
    generator.forEach((value, place) => (rest[at + place] ^= times(value, factor)));
  }
  return rest.slice(block.length);
}

/**
 * The whole code with one mask.
 * @param {number} version
 * @param {number[]} bits
 * @param {(x: number, y: number) => boolean} mask
 * @param {number} number
 */
function drawn(version, bits, mask, number) {
  const side = 17 + 4 * version;
  /** @type {(boolean | null)[][]} */
  const code = Array.from({ length: side }, () => Array(side).fill(null));
  drawPatterns(code, version);
  drawFormat(code, number);
  if (version >= 7) drawVersion(code, version);
  let at = 0;
  for (let right = side - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up)
    for (let step = 0; step < side; step += 1)
      for (const x of [right, right - 1]) {
        const y = up ? side - 1 - step : step;
        if (code[y][x] === null) code[y][x] = Boolean(bits[at++]) !== mask(x, y);
      }
  return /** @type {Modules} */ (code);
}

/**
 * The squares and lines that readers use to find the code.
 * @param {(boolean | null)[][]} code
 * @param {number} version
 */
function drawPatterns(code, version) {
  const side = code.length;
  for (let at = 0; at < side; at += 1) code[6][at] = code[at][6] = at % 2 === 0;
  for (const [x, y] of [[3, 3], [side - 4, 3], [3, side - 4]]) drawSquare(code, x, y, 4, [0, 1, 3]);
  const places = ALIGNED[version - 1];
  const last = places.length - 1;
  places.forEach((x, column) =>
    places.forEach((y, row) => {
      const isCorner = (!column && !row) || (column === last && !row) || (!column && row === last);
      if (!isCorner) drawSquare(code, x, y, 2, [0, 2]);
    }),
  );
}

/**
 * Rings around a centre; those at the given distances are dark.
 * @param {(boolean | null)[][]} code
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @param {number[]} dark
 */
function drawSquare(code, x, y, reach, dark) {
  for (let dy = -reach; dy <= reach; dy += 1)
    for (let dx = -reach; dx <= reach; dx += 1)
      if (code[y + dy]?.[x + dx] !== undefined) code[y + dy][x + dx] = dark.includes(Math.max(Math.abs(dx), Math.abs(dy)));
}

/**
 * A number with its check bits (BCH).
 * @param {number} value
 * @param {number} checks
 * @param {number} generator
 */
function withChecks(value, checks, generator) {
  let rest = value;
  for (let step = 0; step < checks; step += 1) rest = (rest << 1) ^ ((rest >> (checks - 1)) * generator);
  return (value << checks) | rest;
}

/**
 * Level and mask, twice, beside the large squares.
 * @param {(boolean | null)[][]} code
 * @param {number} mask
 */
function drawFormat(code, mask) {
  const side = code.length;
  const word = withChecks(mask, 10, 0x537) ^ 0x5412; // level M is 00
  const bit = (/** @type {number} */ place) => Boolean((word >> place) & 1);
  for (let place = 0; place < 15; place += 1) {
    const along = place < 6 ? place : place < 8 ? place + 1 : place < 9 ? 7 : 14 - place;
    if (place < 8) code[along][8] = bit(place);
    else code[8][along] = bit(place);
    if (place < 8) code[8][side - 1 - place] = bit(place);
    else code[side - 15 + place][8] = bit(place);
  }
  code[side - 8][8] = true;
}

/**
 * The version, twice.
 * @param {(boolean | null)[][]} code
 * @param {number} version
 */
function drawVersion(code, version) {
  const word = withChecks(version, 12, 0x1f25);
  for (let place = 0; place < 18; place += 1) {
    const a = code.length - 11 + (place % 3);
    const b = Math.floor(place / 3);
    code[a][b] = code[b][a] = Boolean((word >> place) & 1);
  }
}

/**
 * How hard a code is to read: runs, blocks, what looks like a large square, too much of one colour.
 * @param {Modules} code
 */
function penalty(code) {
  const side = code.length;
  const columns = code.map((_, x) => code.map((row) => row[x]));
  let points = 0;
  for (const line of [...code, ...columns]) {
    const text = line.map((dark) => (dark ? "1" : "0")).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) || []) points += run.length - 2;
    points += 40 * [...text.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  for (let y = 1; y < side; y += 1) for (let x = 1; x < side; x += 1) if (code[y][x] === code[y - 1][x] && code[y][x] === code[y][x - 1] && code[y][x] === code[y - 1][x - 1]) points += 3;
  const dark = sum(code.map((row) => row.filter(Boolean).length)) / side ** 2;
  return points + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}
