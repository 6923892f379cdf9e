import { expect, test } from 'vitest'
import { program } from '../program.ts'
import { namedFile } from './named-files.ts'

test('a name and its file are what was written', () => {
  expect(namedFile('style/my_trunk@2=1e3', namedFile('b=a=b.bin', {}))).toEqual({ b: 'a=b.bin', 'style/my_trunk@2': '1e3' })
  expect(() => namedFile('=a', {})).toThrow('expected NAME=FILE')
  expect(() => namedFile('a=c', { a: 'b' })).toThrow('a is said twice')
})

test.each([
  ['interfere', ''],
  ['methods', 'check'],
])('every command that takes adapters by name from files reads them so: %s %s', (group, sub) => {
  const command = program().commands.find((each) => each.name() === group)!
  const asked = sub === '' ? command : command.commands.find((each) => each.name() === sub)!
  expect(asked.options.find(({ long }) => long === '--adapter')!.parseArg).toBe(namedFile)
})
