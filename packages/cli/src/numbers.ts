import { InvalidArgumentError } from 'commander'

/** Parsers for options: what is no such number is refused before anything starts. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^-?\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}.`)
    return value
  }

/** Any whole number that a request may send as its seed. */
export const seedNumber = (text: string): number => {
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('expected a whole number below 2^53 on either side of 0.')
  return value
}

/** A list with commas between. A number that is named twice is refused. */
const onceEach =
  (one: (text: string) => number) =>
  (text: string): number[] => {
    const all = text.split(',').map((part) => one(part.trim()))
    const twice = all.find((value, i) => all.indexOf(value) < i)
    if (twice !== undefined) throw new InvalidArgumentError(`expected each number once, and ${twice} is there twice.`)
    return all
  }

/** `3,5`: whole numbers from 0. */
export const wholeNumbers = onceEach(whole(0))

export const real =
  (least: number, most = Infinity) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < least || value > most)
      throw new InvalidArgumentError(
        `expected a number${least === -Infinity ? '' : most === Infinity ? ` of at least ${least}` : ` from ${least} to ${most}`}.`,
      )
    return value
  }

/** What is 0 for nothing is left out instead: a rate, a weight. */
export const above =
  (bound: number, most = 1e6) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value > bound) || value > most) throw new InvalidArgumentError(`expected a number above ${bound}, ${most} at most.`)
    return value
  }

/** `-1,0.5,2`: numbers. */
export const realNumbers = onceEach(real(-Infinity))

/** What the API leaves to the server by this word, an option does too. */
export const orAuto =
  (number: (text: string) => number) =>
  (text: string): number | 'auto' => {
    if (text === 'auto') return text
    try {
      return number(text)
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      throw new InvalidArgumentError(`${error.message.replace(/\.$/, '')}, or auto.`)
    }
  }
