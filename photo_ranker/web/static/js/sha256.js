// @ts-nocheck
/** SHA-256 of a file. The browser's own function needs the whole file in memory, and is missing where the app is used
 * over plain HTTP. In these cases ours computes it, piece by piece. */

const SLICE = 1 << 22;
const IN_MEMORY = 1 << 28;

const PRIMES = [];
for (let number = 2; PRIMES.length < 64; number += 1) if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);
const fraction = (root) => ((root % 1) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export async function sha256(file) {
  if (!globalThis.crypto?.subtle || file.size > IN_MEMORY) return ours(file);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
}

export async function ours(file) {
  const state = Int32Array.from(START);
  for (let from = 0; from <= file.size; from += SLICE) {
    let bytes = await file.slice(from, from + SLICE).arrayBuffer();
    if (from + SLICE > file.size) bytes = padded(bytes, file.size);
    const view = new DataView(bytes);
    for (let at = 0; at < view.byteLength; at += 64) mix(state, view, at);
  }
  const found = new DataView(new ArrayBuffer(32));
  state.forEach((word, n) => found.setInt32(4 * n, word));
  return hex(new Uint8Array(found.buffer));
}

/** The last bytes, a one bit, zeros, and the length in bits. */
function padded(bytes, size) {
  const whole = new Uint8Array(Math.ceil((bytes.byteLength + 9) / 64) * 64);
  whole.set(new Uint8Array(bytes));
  whole[bytes.byteLength] = 0x80;
  const view = new DataView(whole.buffer);
  view.setUint32(whole.length - 8, Math.floor(size / 2 ** 29));
  view.setUint32(whole.length - 4, (size * 8) >>> 0);
  return whole.buffer;
}

const words = new Int32Array(64);
const turn = (word, bits) => (word >>> bits) | (word << (32 - bits));

function mix(state, view, at) {
  for (let n = 0; n < 16; n += 1) words[n] = view.getInt32(at + 4 * n);
  for (let n = 16; n < 64; n += 1) {
    const one = words[n - 15];
    const other = words[n - 2];
    const small = turn(one, 7) ^ turn(one, 18) ^ (one >>> 3);
    const large = turn(other, 17) ^ turn(other, 19) ^ (other >>> 10);
    words[n] = words[n - 16] + small + words[n - 7] + large;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let n = 0; n < 64; n += 1) {
    const chosen = (e & f) ^ (~e & g);
    const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + chosen + ROUNDS[n] + words[n]) | 0;
    const most = (a & b) ^ (a & c) ^ (b & c);
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + most) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}
