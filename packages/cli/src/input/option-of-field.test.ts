import { fieldsAt, snakeCase } from '@weft/adapters'
import { hyperparametersSchema } from '@weft/methods'
import { createJobSchema, createSettlementSchema } from '@weft/protocol'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { program } from '../program.ts'
import { inOptions, optionOfField } from './option-of-field.ts'

/** A command as it was typed. */
const typed = (...words: string[]): Command => {
  const [name, ...rest] = words
  const group = program().commands.find((each) => each.name() === name)!
  const command = group.commands.find((each) => each.name() === rest[0]) ?? group
  command.parseOptions(rest)
  return command
}

test.each([
  [['train'], 'suffix', '--name'],
  [['train'], 'training_file', '<file>'],
  [['train'], 'hyperparameters.max_steps', '--steps'],
  [['train'], 'hyperparameters.learning_rate', '--learning-rate'],
  [['train'], 'hyperparameters.learning_rate_multiplier', '--hyper learning_rate_multiplier'],
  [['train', 'x.jsonl', '--hyper', 'n_epochs=Auto'], 'hyperparameters.n_epochs', '--hyper n_epochs'],
  [['train', 'x.jsonl', '--hyper', 'batch_size=x'], 'hyperparameters.batch_size', '--hyper batch_size'],
  [['train', 'x.jsonl', '--hyper', 'batch_size=4', '--epochs', '2'], 'hyperparameters.n_epochs', '--epochs'],
  [['train'], 'method.lora.r', '--set r'],
  [['train'], 'method.lora.rank_pattern.q_proj', '--set rank_pattern.q_proj'],
  [['train'], 'method.prefix-tuning.num_virtual_tokens', '--set num_virtual_tokens'],
  [['train'], 'partners.adapters[1]', '--partner[1]'],
  [['train'], 'on', '--on'],
  [['compress'], 'method.cartridge.num_virtual_tokens', '--tokens'],
  [['compress'], 'document.part_tokens', '--part-tokens'],
  [['compress'], 'document', '<document>'],
  [['steer'], 'method.steering.layers[0]', '--layers[0]'],
  [['steer'], 'pairs', '<pairs>'],
  [['run'], 'model', '<expression>'],
  [['run'], 'max_tokens', '--max-tokens'],
  [['score'], 'prompt', '--prompt'],
  [['classify', 'mail/spam'], 'input[3]', '<texts>[3]'],
  [['classify', 'mail/spam', '--file', 'x'], 'input[3]', '--file[3]'],
  [['routes', 'put'], 'defaults.temperature', '--temperature'],
  [['routes', 'put'], 'policy.models[0]', '--policy models[0]'],
  // How the edge is reached is no field of what it is asked.
  [['keys', 'create'], 'key', undefined],
  [['run'], 'json', undefined],
  [['jobs', 'show'], 'suffix', undefined],
])('of weft %j, %s is %s', (words, field, option) => {
  expect(optionOfField(typed(...words), field)).toBe(option)
})

const phases = ['on', 'from', 'partners', 'locality', 'pooling', 'foreign_file', 'probes', 'joint', 'executor', 'metadata']

test.each([
  ['train', createJobSchema, ['pairs', 'document', 'metadata']],
  ['steer', createJobSchema, [...phases, 'document', 'hyperparameters']],
  ['compress', createJobSchema, [...phases, 'validation_file', 'pairs', 'hyperparameters']],
  ['settle', createSettlementSchema, ['metadata']],
] as const)('every field that weft %s can say has its option', (name, schema, unsaid) => {
  const without = fieldsAt(schema).map(snakeCase)
  expect(without.filter((field) => optionOfField(typed(name), field) === undefined).toSorted()).toEqual(unsaid.toSorted())
})

test('every hyperparameter is an option of weft train, or a word of --hyper', () => {
  for (const field of fieldsAt(hyperparametersSchema).map(snakeCase))
    expect(optionOfField(typed('train'), `hyperparameters.${field}`), field).toMatch(/^--(steps|epochs|batch-size|learning-rate|max-length|hyper [a-z_0-9]+)$/)
})

test('a refusal is told in the words of the command line', () => {
  const issues = [{ param: 'hyperparameters.max_steps' }, { param: 'hyperparameters.batch_size' }]
  const message = 'hyperparameters.max_steps: Too big; hyperparameters.batch_size: Too big'
  expect(inOptions(typed('train'), { message, param: issues[0]!.param, details: { issues } })).toBe('--steps: Too big; --batch-size: Too big')
  const config = 'the config of "lora" is not valid: method.lora.rank: unknown field "rank"; did you mean "r"?'
  expect(inOptions(typed('train'), { message: config, param: 'method.lora.rank' })).toBe(
    'the config of "lora" is not valid: --set rank: unknown field "rank"; did you mean "r"?',
  )
  expect(inOptions(typed('train'), { message: 'so "on" would do nothing there', param: 'on' })).toBe('so --on would do nothing there')
  // Somebody's own words stay: a name in quotes is told by no argument.
  expect(inOptions(typed('run'), { message: 'there is no adapter "model"', param: 'model' })).toBe('there is no adapter "model"')
  // Advice too, where the option is the hyperparameter's alone.
  expect(inOptions(typed('train'), { message: 'Raise max_length, or n_epochs; or another weight_decay.' })).toBe(
    'Raise --max-length, or --epochs; or another weight_decay.',
  )
  expect(inOptions(typed('settle'), { message: 'Fewer steps, or a lower learning_rate, help.' })).toBe('Fewer steps, or a lower --learning-rate, help.')
  expect(inOptions(typed('jobs', 'watch'), { message: 'Raise max_length.' })).toBe('Raise max_length.')
  expect(inOptions(typed('jobs', 'show'), { message: 'suffix: x', param: 'suffix' })).toBe('suffix: x')
  expect(inOptions(typed('jobs', 'show'), { message: 'baseUrl: http://a sends requests on', param: 'baseUrl' })).toBe('--url: http://a sends requests on')
})

test('a setting that was meant as a text is told how it is typed as one', () => {
  const said = (message: string) => inOptions(typed('train'), { message, param: 'method.prefix.init_text' })
  expect(said('the config of "prefix" is not valid: method.prefix.init_text: expected a string, got 2024')).toBe(
    `the config of "prefix" is not valid: --set init_text: expected a string, got 2024 (--set init_text='"2024"' is a text)`,
  )
  expect(said('method.prefix.init_text: expected a string, got 1.5. See there.')).toBe(
    `--set init_text: expected a string, got 1.5 (--set init_text='"1.5"' is a text). See there.`,
  )
  expect(said('method.prefix.init_text: expected a string, got a list')).toBe('--set init_text: expected a string, got a list')
  expect(said('method.prefix.init_text: expected a number, got 2024')).toBe('--set init_text: expected a number, got 2024')
})
