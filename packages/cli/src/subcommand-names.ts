import { nearest } from '@weft/adapters'
import type { Command } from 'commander'

/** Other names of subcommands, the same in every group that has them. */
const alsoCalled: Readonly<Record<string, readonly string[]>> = { list: ['ls'], show: ['get'], delete: ['rm'] }

/** What people type elsewhere, and what it is called here: no names of commands, but suggested. */
const meant: Readonly<Record<string, readonly string[]>> = {
  show: ['view', 'status', 'info', 'describe', 'inspect', 'retrieve'],
  delete: ['remove', 'del', 'destroy'],
  watch: ['follow', 'wait', 'logs', 'log', 'tail', 'events'],
  cancel: ['stop', 'kill', 'abort'],
  create: ['new', 'add', 'make', 'submit'],
  put: ['set', 'add', 'create', 'new', 'make', 'update'],
  upload: ['add', 'create', 'put'],
  download: ['pull', 'content', 'cat'],
  trust: ['add', 'create'],
  revoke: ['delete', 'rm', 'remove'],
  run: ['ask', 'chat', 'complete', 'generate', 'prompt'],
  dev: ['start', 'up'],
  train: ['finetune', 'fine-tune', 'tune'],
}

/** Gives every group's subcommands the other names that they have everywhere. */
export function nameAlike(group: Command): void {
  for (const sub of group.commands) sub.aliases(alsoCalled[sub.name()] ?? [])
}

/**
 * A word behind a group's name that is none of its commands: of a group with a command that runs by default, that one is handed it, and takes no words. Undefined
 * where the command was named, or takes words.
 */
export function strayWord(command: Command): { group: Command; word: string } | undefined {
  const group = command.parent
  const [word] = group?.args ?? []
  if (!group?.parent || word === undefined || command.registeredArguments.length > 0 || isCalled(command, word)) return undefined
  return { group, word }
}

/** A word that is no command of its group, where help is asked for: commander would show the group's own, as if nothing were wrong. */
export function wordBeforeHelp(program: Command, argv: readonly string[]): { group: Command; word: string } | undefined {
  if (!argv.some((arg) => arg === '--help' || arg === '-h')) return undefined
  let group = program
  for (const word of argv) {
    if (word.startsWith('-') || group.commands.length === 0 || group.registeredArguments.length > 0) return undefined
    const sub = group.commands.find((each) => isCalled(each, word))
    if (!sub) return word === 'help' ? undefined : { group, word }
    group = sub
  }
  return undefined
}

const isCalled = (command: Command, word: string): boolean => command.name() === word || command.aliases().includes(word)

/** The commands of a group that may have been meant by a word, the likeliest first. */
export function meantBy(group: Command, word: string): string[] {
  const names = group.commands.map((sub) => sub.name())
  const said = names.filter((name) => meant[name]?.includes(word.toLowerCase()))
  // Of a word of two letters every short name is near.
  return said.length > 0 || word.length < 3 ? said : nearest(word, names, 1)
}
