import { Random } from '@weft/adapters'
import { describe, expect, test } from 'vitest'
import { Admission } from './admission.ts'
import type { Asker } from './asker.ts'
import { FairQueue } from './fair-queue.ts'
import type { Work } from './work.ts'

class Prompt implements Work {
  readonly places = 1
  readonly asker: Asker
  readonly name: string
  readonly fits: () => boolean
  tokens: number
  begun = false

  constructor(name: string, tokens: number, asker: Asker = {}, fits = () => true) {
    this.name = name
    this.tokens = tokens
    this.asker = asker
    this.fits = fits
  }

  get ready(): boolean {
    return this.begun || this.fits()
  }

  get done(): boolean {
    return this.tokens === 0
  }

  async run(most: number): Promise<number> {
    const read = Math.min(most, this.tokens)
    this.begun = true
    this.tokens -= read
    return read
  }
}

/** Who was read, a piece of at most `piece` tokens at a time. */
async function order(queue: FairQueue, piece: number, pieces = Number.POSITIVE_INFINITY): Promise<{ name: string; tenant: string; tokens: number }[]> {
  const read = []
  while (read.length < pieces) {
    const work = queue.next() as Prompt | undefined
    if (!work) break
    const tokens = await work.run(piece)
    queue.charge(work.asker, tokens)
    read.push({ name: work.name, tenant: work.asker.tenant ?? '', tokens })
  }
  return read
}

const queueOf = (works: readonly Work[], mostOvertaking = 16): FairQueue => {
  const queue = new FairQueue(mostOvertaking, 256)
  for (const work of works) queue.add(work)
  return queue
}

describe('whose turn it is', () => {
  test('one tenant is served in the order it came', async () => {
    const read = await order(queueOf([new Prompt('a', 500), new Prompt('b', 10), new Prompt('c', 10)]), 256)
    expect(read.map(({ name }) => name)).toEqual(['a', 'a', 'b', 'c'])
  })

  test('a tenant with a thousand requests does not hold up another with one', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => new Prompt(`many ${i}`, 100, { tenant: 'many' }))
    const read = await order(queueOf([...many, new Prompt('one', 100, { tenant: 'one' })]), 256)
    expect(read.findIndex(({ name }) => name === 'one')).toBeLessThanOrEqual(3)
  })

  test('tenants get tokens by their weights, whatever the lengths of their prompts', async () => {
    const works = Array.from({ length: 600 }, (_, i) => [
      new Prompt(`a ${i}`, 300, { tenant: 'a', tenantWeight: 1 }),
      new Prompt(`b ${i}`, 40, { tenant: 'b', tenantWeight: 3 }),
      new Prompt(`c ${i}`, 900, { tenant: 'c', tenantWeight: 2 }),
    ]).flat()
    const queue = queueOf(works)
    const tokens: Record<string, number> = {}
    for (const each of await order(queue, 256, 220)) tokens[each.tenant] = (tokens[each.tenant] ?? 0) + each.tokens
    expect(tokens.b / tokens.a).toBeCloseTo(3, 0)
    expect(tokens.c / tokens.a).toBeCloseTo(2, 0)
  })

  test('tokens of answers count too', async () => {
    const works = Array.from({ length: 40 }, (_, i) => ['a', 'b'].map((tenant) => new Prompt(`${tenant} ${i}`, 50, { tenant }))).flat()
    const queue = queueOf(works)
    queue.charge({ tenant: 'a' }, 1000)
    const read = await order(queue, 256, 15)
    expect(read.every(({ tenant }) => tenant === 'b')).toBe(true)
  })

  test('what one had while nobody else asked is not held against it', async () => {
    const queue = queueOf([new Prompt('a', 50, { tenant: 'a' })])
    queue.charge({ tenant: 'a' }, 100_000)
    queue.add(new Prompt('b', 50, { tenant: 'b' }))
    expect((await order(queue, 256)).map(({ name }) => name)).toEqual(['a', 'b'])
  })

  test('a lower priority number goes first, before what has begun', async () => {
    const queue = queueOf([new Prompt('long', 600), new Prompt('later', 10, { priority: 5 })])
    const first = await order(queue, 256, 1)
    queue.add(new Prompt('urgent', 10, { priority: -1 }))
    const rest = await order(queue, 256)
    expect([...first, ...rest].map(({ name }) => name)).toEqual(['long', 'urgent', 'long', 'long', 'later'])
  })

  test('equal arrivals give an equal order', async () => {
    const made = () => {
      const random = new Random('arrivals')
      return queueOf(
        Array.from({ length: 300 }, (_, i) => {
          const asker = { tenant: `t${random.integer(5)}`, tenantWeight: 1 + random.integer(3), priority: random.integer(3) }
          return new Prompt(String(i), 1 + random.integer(700), asker)
        }),
      )
    }
    expect(await order(made(), 128)).toEqual(await order(made(), 128))
  })

  test('what does not fit is passed so often and no oftener', async () => {
    let room = false
    const queue = queueOf([new Prompt('large', 10, {}, () => room), ...Array.from({ length: 30 }, (_, i) => new Prompt(`small ${i}`, 10))], 4)
    expect((await order(queue, 256)).length).toBe(4)
    room = true
    expect((await order(queue, 256, 1))[0].name).toBe('large')
  })
})

describe('admission', () => {
  const admission = () => new Admission({ maxWaiting: 4, maxWaitingTokens: 1000 })

  test('requests and their tokens are bounded, and a refusal says when to ask again', () => {
    const at = admission()
    at.observe(100, 1000)
    const queue = queueOf([new Prompt('a', 600)])
    at.check(queue, new Prompt('b', 400))
    expect(() => at.check(queue, new Prompt('b', 401))).toThrow(expect.objectContaining({ code: 'too_many_waiting', status: 429, details: { retry_after: 6 } }))
    for (const name of ['b', 'c', 'd']) queue.add(new Prompt(name, 1))
    expect(() => at.check(queue, new Prompt('e', 1))).toThrow(expect.objectContaining({ code: 'too_many_waiting', details: { retry_after: 7 } }))
  })

  test('a request that is alone is let in whatever its length', () => {
    expect(() => admission().check(queueOf([]), new Prompt('a', 5000))).not.toThrow()
  })

  test('one tenant does not fill the line', () => {
    const queue = queueOf(['a', 'b'].map((name) => new Prompt(name, 1, { tenant: 'one' })))
    const at = admission()
    // While there is but one, the line is its own.
    expect(() => at.check(queue, new Prompt('c', 1, { tenant: 'one' }))).not.toThrow()
    expect(() => at.check(queue, new Prompt('c', 1, { tenant: 'other' }))).not.toThrow()
    expect(() => at.check(queue, new Prompt('c', 1, { tenant: 'one' }))).toThrow('of this tenant')
  })
})
