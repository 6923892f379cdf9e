import { templateFailed } from '../errors.ts'
import { strftime } from './text/strftime.ts'
import { inOrder } from './values/call.ts'
import { numeric } from './values/comparison.ts'
import { Dict, Namespace, Range } from './values/containers.ts'
import { iterate, toList } from './values/iteration.ts'
import { repr, str } from './values/printing.ts'
import { type Arguments, Callable, PyObject, type Value } from './values/value.ts'

/** Most numbers of a range, as in Jinja's sandbox. */
const LONGEST_RANGE = 100_000

const range = (args: Arguments): Value => {
  const [first, second, third] = inOrder('range', ['start', 'stop', 'step'], args, 1)
  const whole = (value: Value): bigint => {
    const number = typeof value === 'number' ? null : numeric(value)
    if (typeof number !== 'bigint') throw templateFailed(`range() takes integers, not ${repr(value)}`)
    return number
  }
  const [start, stop] = second === undefined ? [0n, whole(first!)] : [whole(first!), whole(second)]
  const step = third === undefined ? 1n : whole(third)
  if (step === 0n) throw templateFailed('range() arg 3 must not be zero')
  if ((stop - start) / step > LONGEST_RANGE) throw templateFailed(`Range too big. The sandbox blocks ranges larger than ${LONGEST_RANGE}.`)
  return new Range(start, stop, step)
}

/** Pairs, or another dict, and named values after them. */
const entriesOf = ({ positional, named }: Arguments): [Value, Value][] => {
  const [source] = positional
  if (source === undefined) return [...named]
  const pairs = source instanceof Dict ? source.entries() : toList(source).map((pair) => [...iterate(pair)] as [Value, Value])
  return [...pairs.map(([key, value]): [Value, Value] => [key, value]), ...named]
}

const namespace = (args: Arguments): Value => {
  const made = new Namespace()
  for (const [name, value] of entriesOf(args)) made.set(str(name), value)
  return made
}

class Cycler extends PyObject {
  readonly type = 'Cycler'
  readonly #items: readonly Value[]
  #at = 0
  constructor(items: readonly Value[]) {
    super()
    if (items.length === 0) throw templateFailed('at least one item has to be provided')
    this.#items = items
  }
  override attribute(name: string): Value | undefined {
    if (name === 'current') return this.#items[this.#at]
    if (name === 'pos') return BigInt(this.#at)
    if (name === 'next') return new Callable(name, () => this.#next())
    if (name === 'reset') return new Callable(name, () => this.#reset())
    return undefined
  }
  #next(): Value {
    const item = this.#items[this.#at]
    this.#at = (this.#at + 1) % this.#items.length
    return item
  }
  #reset(): null {
    this.#at = 0
    return null
  }
  repr(): string {
    return '<Cycler>'
  }
}

/** Nothing the first time that it is called, then its separator. */
const joiner = (args: Arguments): Value => {
  const [separator = ', '] = inOrder('joiner', ['sep'], args)
  let used = false
  return new Callable('joiner', () => {
    const text = used ? separator : ''
    used = true
    return text
  })
}

/** What every chat template can call; `now` is the time that `strftime_now` tells. */
export const globals = (now: () => Date): Map<string, Value> => {
  const made = (name: string, run: (args: Arguments) => Value): [string, Value] => [name, new Callable(name, run)]
  return new Map([
    made('range', range),
    made('dict', (args) => new Dict(entriesOf(args))),
    made('namespace', namespace),
    made('cycler', ({ positional }) => new Cycler(positional)),
    made('joiner', joiner),
    made('raise_exception', (args) => {
      throw templateFailed(str(inOrder('raise_exception', ['message'], args, 1)[0]!))
    }),
    made('strftime_now', (args) => strftime(now(), str(inOrder('strftime_now', ['format'], args, 1)[0]!))),
  ])
}
