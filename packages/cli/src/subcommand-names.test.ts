import { expect, test } from 'vitest'
import { program } from './program.ts'
import { meantBy, wordBeforeHelp } from './subcommand-names.ts'

const groups = program().commands.filter(({ commands }) => commands.length > 0)
const group = (name: string) => groups.find((each) => each.name() === name)!

test('what is called list, show and delete in one group is in every, and has the same other names', () => {
  for (const each of groups)
    for (const sub of each.commands) {
      expect(['ls', 'get', 'rm', 'remove', 'view'], `${each.name()} ${sub.name()}`).not.toContain(sub.name())
      expect(sub.aliases(), `${each.name()} ${sub.name()}`).toEqual({ list: ['ls'], show: ['get'], delete: ['rm'] }[sub.name()] ?? [])
    }
})

test.each([
  ['jobs', 'view', ['show']],
  ['jobs', 'status', ['show']],
  ['jobs', 'stop', ['cancel']],
  ['jobs', 'cancle', ['cancel']],
  ['batches', 'Status', ['show']],
  ['files', 'remove', ['delete']],
  ['routes', 'add', ['put']],
  ['keys', 'delete', ['revoke']],
  ['policy', 'x', []],
  ['jobs', 'frobnicate', []],
])('weft %s %s is near to %s', (name, word, meant) => {
  expect(meantBy(group(name), word)).toEqual(meant)
})

test.each([
  [['nope', '--help'], { name: 'weft', word: 'nope' }],
  [['jobs', 'nope', '-h'], { name: 'jobs', word: 'nope' }],
  [['--help'], undefined],
  [['jobs', '--help'], undefined],
  [['jobs', 'ls', '--help'], undefined],
  [['run', 'base', '--help'], undefined],
  [['nope'], undefined],
])('help of %j', (argv, expected) => {
  const found = wordBeforeHelp(program(), argv)
  expect(found && { name: found.group.name(), word: found.word }).toEqual(expected)
})
