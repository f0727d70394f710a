/**
 * 统一社会信用代码 (GB 32100-2015), with the inner code's own check (GB 11714-1997); the rules of
 * people/uscc.py.
 */

const SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const MAIN_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

const SHAPE = new RegExp(`^[${SYMBOLS}]{2}[0-9]{6}[${SYMBOLS}]{10}$`);

/** @param {unknown} code @returns {boolean} whether it is a valid code, in upper case */
export function isUscc(code) {
  if (typeof code !== "string" || !SHAPE.test(code)) return false;
  const main = MAIN_WEIGHTS.reduce(
    (sum, weight, place) => sum + weight * parseInt(code[8 + place], 36), 0);
  if ("0123456789X0"[11 - main % 11] !== code[16]) return false;
  const whole = WEIGHTS.reduce(
    (sum, weight, place) => sum + weight * SYMBOLS.indexOf(code[place]), 0);
  return SYMBOLS[(31 - whole % 31) % 31] === code[17];
}
