import { expect, test } from 'vitest'
import { Disposables } from './disposables.ts'

const recorder = () => {
  const log: string[] = []
  return { log, named: (name: string): Disposable => ({ [Symbol.dispose]: () => void log.push(name) }) }
}

test('what is held is disposed of once, the last first', () => {
  const { log, named } = recorder()
  const held = new Disposables()
  {
    using owned = held
    owned.use(named('a'))
    expect(owned.adopt('b', (name) => log.push(`${name} given back`))).toBe('b')
    owned.use(named('c'))
    expect(log).toEqual([])
  }
  held[Symbol.dispose]()
  expect(log).toEqual(['c', 'b given back', 'a'])
})

test('what is moved belongs to its new owner', () => {
  const { log, named } = recorder()
  const first = new Disposables()
  first.use(named('a'))
  const second = first.move()
  first[Symbol.dispose]()
  expect(log).toEqual([])
  second[Symbol.dispose]()
  expect(log).toEqual(['a'])
})

test('one that fails keeps nothing else alive', () => {
  const { log, named } = recorder()
  const owned = new Disposables()
  owned.use(named('a'))
  for (const reason of ['second', 'first']) {
    owned.adopt(reason, () => {
      throw new Error(reason)
    })
  }
  owned.use(named('b'))
  expect(() => owned[Symbol.dispose]()).toThrow('first')
  expect(log).toEqual(['b', 'a'])
})
