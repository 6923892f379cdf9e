/** What a number must keep to. */
export interface NumberBounds {
  min?: number
  /** Larger than this, and not this. */
  above?: number
  max?: number
  whole?: boolean
}

/** The number that a text spells; undefined of an empty one, and NaN of one that spells none. */
export const numberIn = (text: string): number | undefined => {
  const written = text.trim()
  if (written === '') return undefined
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written) ? Number(written) : Number.NaN
}

/** What is wrong with a number as `numberIn` gives it, and what is expected instead; undefined where nothing is. */
export const numberFault = (value: number | undefined, bounds: NumberBounds): string | undefined => {
  if (value === undefined) return undefined
  const { min = -Infinity, above = -Infinity, max = Number.MAX_VALUE, whole = false } = bounds
  if (Number.isNaN(value)) return `This is not a number. Expected ${boundsInWords(bounds)}${whole ? '' : ', with a point before decimals'}.`
  if (whole && Number.isFinite(value) && !Number.isInteger(value)) return `${value} is not a whole number. Expected ${boundsInWords(bounds)}.`
  return value < min || value <= above || value > max ? `${value} is out of bounds. Expected ${boundsInWords(bounds)}.` : undefined
}

/** `a whole number from 1 to 1,024`, `a number above 0` */
const boundsInWords = ({ min, above, max, whole }: NumberBounds): string => {
  const kind = whole ? 'a whole number' : 'a number'
  // Whole numbers that are told from their neighbours; the bound itself says nothing to anyone.
  if (min === Number.MIN_SAFE_INTEGER && max === Number.MAX_SAFE_INTEGER) return `${kind} of at most 15 digits`
  const most = max === undefined ? '' : inWords(max)
  if (above !== undefined) return `${kind} above ${inWords(above)}${most && `, at most ${most}`}`
  if (min !== undefined) return most ? `${kind} from ${inWords(min)} to ${most}` : `${kind}, at least ${inWords(min)}`
  return most ? `${kind}, at most ${most}` : kind
}

const inWords = (bound: number): string =>
  Math.abs(bound) > Number.MAX_SAFE_INTEGER ? bound.toExponential().replace('+', '') : bound.toLocaleString('en', { maximumFractionDigits: 20 })
