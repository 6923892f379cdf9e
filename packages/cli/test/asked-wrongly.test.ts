import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bin, nowhere, typed as weft } from './typed.ts'

const scratch = mkdtempSync(join(tmpdir(), 'weft-asked-wrongly-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const rows = join(scratch, 'rows.jsonl')
writeFileSync(rows, '{"text": "The sea"}\n')

/** A file to name with --config. */
const configuration = (name: string, text: string): string => {
  writeFileSync(join(scratch, name), text)
  return join(scratch, name)
}

const defining = import.meta.resolve('@weft/protocol')

test.each([
  ['an unknown command', ['frobnicate'], 'there is no command "npx weft frobnicate". "npx weft --help" lists'],
  ['a word that a group has not', ['jobs', 'stop', 'x'], 'there is no command "npx weft jobs stop"; did you mean "cancel"? There are list, show'],
  ['more words than a command takes', ['jobs', 'list', 'x'], "too many arguments for 'list'"],
  ['an expression without quotes', ['run', 'base', '+', 'style/speech', 'The sea', '--url', nowhere], 'An expression with blanks in it stands in quotes'],
  ['one whose rest would be the texts', ['classify', 'base', '+', 'mail/spam', 'hi', '--url', nowhere], 'An expression with blanks in it stands in quotes'],
  ['a missing argument', ['run', '--url', nowhere], "missing required argument 'expression'"],
  ['neither file nor text', ['publish', '--name', 'a/b'], 'either an adapter file or --text'],
  ['a key without a role', ['keys', 'create', '--url', nowhere], "required option '--role <role>'"],
  ['a life that is none', ['keys', 'create', '--role', 'caller', '--expires', 'soon', '--url', nowhere], 'expected a time such as 30d'],
  ['a day that there is not', ['sign-keys', 'trust', 'x', '--expires', '2027-02-30', '--url', nowhere], 'expected a date that there is, such as 2027-06-30'],
  ['a number for a day', ['sign-keys', 'trust', 'x', '--expires', '1', '--url', nowhere], 'expected a date that there is'],
  ['a scope that is none', ['keys', 'create', '--role', 'caller', '--scope', 'legal/', '--url', nowhere], 'such as name/legal/'],
  ['a missing option', ['publish', 'x.safetensors'], "required option '--name <name>'"],
  ['no number', ['train', 'x', '--name', 'a/b', '--method', 'm', '--steps', 'many'], 'whole number of at least 1'],
  ['a hyperparameter as an option', ['train', 'x', '--name', 'a/b', '--weight-decay=0.1'], "'--weight-decay=0.1'; say --hyper weight_decay=0.1 (npx weft"],
  ['one whose value comes behind', ['train', 'x', '--name', 'a/b', '--precision', 'int8'], "'--precision'; say --hyper precision=… (npx weft"],
  ['a value that an option does not take', ['train', 'x', '--name', 'a/b', '--partners=true'], '--partners takes no value'],
  ['a number out of range', ['run', 'base', 'hi', '--temperature', '9'], 'a number from 0 to 2'],
  ['no such device', ['dev', '--device', 'abacus'], 'Allowed choices are auto, cpu, cuda, webgpu'],
  ['no variant', ['routes', 'put', 'r', '--variant', 'canary=base'], 'expected NAME:WEIGHT=EXPRESSION'],
  ['a policy that is no file', ['policy', 'put', 'no-such.json', '--url', nowhere], 'There is no file no-such.json'],
  ['no KEY=VALUE', ['train', 'x', '--name', 'a/b', '--method', 'm', '--set', 'tokens'], 'expected KEY=VALUE'],
  ['a file that is not there', ['train', 'no-such.jsonl', '--name', 'a/b', '--method', 'm', '--url', nowhere], 'There is no file no-such.jsonl'],
  [
    'answers in the place of their questions',
    ['batches', 'create', rows, '--wait', '--out', rows, '--url', nowhere],
    'the file of the requests, which the answers',
  ],
  [
    'a file for answers that is there',
    ['batches', 'create', rows, '--wait', '--out', configuration('kept.jsonl', 'x'), '--url', nowhere],
    'kept.jsonl already. Name another',
  ],
  ['a download over a file', ['adapters', 'download', 'a/b', rows, '--url', nowhere], 'rows.jsonl already. Name another, or say --force'],
  ['a file over a file', ['files', 'download', 'file-1', rows, '--url', nowhere], 'rows.jsonl already'],
  ['a private key to stdout', ['sign-keys', 'new', '-'], 'and not to stdout. Name a file'],
  ['force without a file', ['import', '.', '--name', 'a/b', '--force', '--url', nowhere], '--force says nothing without --out'],
  ['a folder for answers', ['batches', 'create', rows, '--wait', '--out', scratch, '--url', nowhere], 'it is a folder; name a file in it'],
  ['pairs that are not there', ['bench', 'steer', '--pairs', 'no-such.jsonl'], 'There is no file no-such.jsonl'],
  ['a document that is not there', ['bench', 'compress', '--document', 'no-such.txt'], 'There is no file no-such.txt'],
  ['options of a run where the page is written', ['bench', 'evidence', '--write', '--minutes', '3'], '--minutes says nothing beside --write'],
  [
    'a rate without the training that has one',
    ['compress', rows, '--name', 'a/b', '--learning-rate', '1', '--url', nowhere],
    '--learning-rate says nothing without --self-study',
  ],
  ['an order of what is not read', ['compress', rows, '--name', 'a/b', '--seed', '4', '--url', nowhere], '--seed says nothing without --self-study'],
  ['a batch without the training that has one', ['bench', 'compress', '--document', rows, '--batch', '4'], '--batch says nothing without --self-study'],
  ['a seed of nothing', ['bench', 'compress', '--document', rows, '--seed', '4'], '--seed says nothing without --self-study'],
  ['inputs of one adapter twice', ['interfere', 'a/b + c/d', '--probe', rows, '--probe', rows, '--url', nowhere], 'probes of all adapters are said twice'],
  ['a name twice', ['train', rows, '--name', 'a/b', '--name', 'c/d', '--url', nowhere], '--name is given twice; give it once'],
  ['a switch and its contrary', ['dev', '--demo', '--no-demo'], '--demo and --no-demo say the contrary of each other'],
  ['a size of adapters where none is made', ['bench', 'run', '--rank', '4'], '--rank says nothing without --composition'],
  ['a rank of what has none', ['bench', 'run', '--composition', 'prefix/a', '--rank', '4'], '--rank says nothing beside --composition prefix/a'],
  ['a profile of a composition', ['bench', 'run', '--composition', 'lora/a', '--profile'], '--profile says nothing beside --composition'],
  ['virtual tokens of a LoRA', ['bench', 'train', '--method', 'lora', '--virtual-tokens', '4'], '--virtual-tokens says nothing beside --method lora'],
  ['a rank of prefixes', ['bench', 'mix', '--kind', 'prefix', '--rank', '4'], '--rank says nothing beside --kind prefix'],
  ['a setting of a phase that is left out', ['bench', 'compose', '--phase-steps', '4'], '--phase-steps says nothing without --phase or --settle'],
  ['a weight of settling without it', ['bench', 'compose', '--phase', 'locality', '--settle-weight', '4'], '--settle-weight says nothing without --settle'],
  ['a weight of what the phase does not have', ['bench', 'compose', '--phase', 'partners', '--locality-weight', '4'], '--locality-weight says nothing without'],
  ['one task to compose', ['bench', 'compose', '--only', 'A'], 'composing takes two tasks at least, and --only names A alone; there are A, B, D'],
  ['a task that is none', ['bench', 'compose', '--only', 'label'], 'There is no task "label"; there are A, B, D'],
  [
    'a weight of nothing',
    ['settle', 'a/b + c/d', '--weight', '0', '--url', nowhere],
    "'--weight <w>' argument '0' is invalid. expected a number above 0, 500000 at most",
  ],
  ['a rate of nothing', ['train', rows, '--name', 'a/b', '--learning-rate', '0', '--url', nowhere], "argument '0' is invalid. expected a number above 0"],
  ['a share of nothing', ['run', 'base', 'hi', '--top-p', '0', '--url', nowhere], "argument '0' is invalid. expected a number above 0, 1 at most"],
  ['a task twice', ['bench', 'compose', '--only', 'A,A'], 'A is said twice'],
  ['an answer twice', ['classify', 'a/b', 'x', '--choice', 'a', '--choice', 'a', '--url', nowhere], '"a" is said twice; say it once'],
  ['a partner twice', ['train', rows, '--name', 'a/b', '--partner', 'c/d', '--partner', 'c/d', '--url', nowhere], '"c/d" is said twice; say it once'],
  ['a prompt twice', ['bench', 'steer', '--prompt', 'x', '--prompt', 'x'], '"x" is said twice; say it once'],
  ['a composition twice', ['interfere', 'a/b + c/d', 'a/b + c/d', '--url', nowhere], '"a/b + c/d" is there twice'],
  ['a seed twice', ['run', 'base', 'hi', '--seed', '1', '--seed', '2', '--url', nowhere], '--seed is given twice; give it once'],
  ['nothing composed', ['interfere', '2*a/b', '--probe', rows, '--url', nowhere], 'it composes nothing: name an adapter and something beside it'],
  ['a scope twice', ['keys', 'create', '--role', 'caller', '--scope', 'name/a/', '--scope', 'name/a/', '--url', nowhere], '"name/a/" is said twice'],
  ['one answer to choose from', ['interfere', 'a/b + c/d', '--choice', 'x', '--url', nowhere], 'give two or more'],
  [
    'steps and epochs',
    ['train', rows, '--name', 'a/b', '--method', 'lora', '--steps', '2', '--epochs', '3', '--url', nowhere],
    '--epochs says nothing beside --steps',
  ],
  [
    'epochs and steps',
    ['train', rows, '--name', 'a/b', '--method', 'lora', '--steps', '2', '--hyper', 'n_epochs=3', '--url', nowhere],
    '--hyper n_epochs says nothing beside --steps',
  ],
  ['more tokens of rows that come along', ['bench', 'compose', '--max-length', '99'], '--max-length says nothing without --tasks'],
  ['mails of the other part', ['bench', 'quality', '--only', 'style', '--mails', '3', '--url', nowhere], '--mails says nothing beside --only style'],
  ['a part that is none', ['bench', 'quality', '--only', 'mails', '--url', nowhere], 'Allowed choices are mail, style'],
  ['functions without a chat', ['run', 'base', 'hi', '--tools', 'tools.json', '--url', nowhere], '--tools says nothing without --chat'],
  ['a choice of no functions', ['run', 'base', 'hi', '--chat', '--tool-choice', 'none', '--url', nowhere], '--tool-choice says nothing without --tools'],
  ['functions that are not there', ['run', 'base', 'hi', '--chat', '--tools', 'nope.json', '--url', nowhere], 'There is no file nope.json'],
  ['a system message without a chat', ['run', 'base', 'hi', '--system', 's', '--url', nowhere], '--system says nothing without --chat'],
  ['a file for answers that nobody waits for', ['batches', 'create', rows, '--out', 'x', '--url', nowhere], '--out says nothing without --wait'],
  ['a server that is not asked', ['models', '--pulled', '--url', nowhere], '--url says nothing beside --pulled'],
  ['a pace of one look', ['top', '--once', '--every', '3', '--url', nowhere], '--every says nothing beside --once'],
  ['a configuration that is not asked', ['publish', rows, '--name', 'a/b', '--config', 'x.ts', '--url', nowhere], '--config says nothing without --gate'],
  ['a share of no shadow', ['routes', 'put', 'r', 'base', '--shadow-share', '0.5', '--url', nowhere], '--shadow-share says nothing without --shadow'],
  ['two folders', ['export', 'a/b', 'one', '--out', 'two', '--url', nowhere], 'one and --out two both say where to write: name it once'],
  ['texts and a file of them', ['classify', 'a/b', 'hi', '--file', rows, '--url', nowhere], '--file says nothing beside texts on the command line'],
  [
    'a rate in two words',
    ['train', rows, '--name', 'a/b', '--method', 'm', '--steps', '2', '--hyper', 'max_steps=3', '--url', nowhere],
    '--steps and --hyper max_steps say the same',
  ],
  ['a layer twice', ['steer', rows, '--name', 'a/b', '--layers', '1,1', '--url', nowhere], 'expected each number once, and 1 is there twice'],
  ['a strength twice', ['bench', 'steer', '--strengths=-1,2,2.0'], 'expected each number once, and 2 is there twice'],
  ['a strength that is none', ['bench', 'steer', '--strengths', '1,two'], 'is invalid. expected a number ('],
  ['an adapter of no expression', ['interfere', 'a/b + c/d', '--probe', rows, '--adapter', `e/f=${rows}`, '--url', nowhere], '--adapter is for "e/f"'],
  ['probes of no adapter', ['interfere', 'a/b + c/d', '--probe', `e/f=${rows}`, '--url', nowhere], '--probe is for "e/f"'],
  ['models that are not there', ['bench', 'evidence', '--models', 'no-such-folder'], 'There is no folder no-such-folder'],
  ['a regular expression that is none', ['verify-peft', '.', '--only', '('], '--only'],
  ['neither name nor file', ['import', '.'], 'either --name'],
  ['a file of texts that is not there', ['classify', 'a/b', '--file', 'no-such.txt', '--url', nowhere], 'There is no file no-such.txt'],
  ['no URL', ['adapters', '--url', 'foo'], "'foo' is invalid. expected a URL such as http://127.0.0.1:8787"],
  ['a URL of another kind', ['adapters', '--url', 'localhost:8787'], 'expected a URL such as http://127.0.0.1:8787'],
  ['an empty key', ['adapters', '--key', ''], 'a key cannot be empty'],
  ['an empty key for a start', ['dev', '--key', ''], 'a key cannot be empty'],
  ['a key of two words', ['adapters', '--key', 'two words'], 'expected one word'],
  ['a folder for an adapter', ['publish', scratch, '--name', 'a/b', '--url', nowhere], "is a folder; expected an adapter's safetensors file"],
  ['a folder of rows', ['train', scratch, '--name', 'a/b', '--method', 'm', '--url', nowhere], 'is a folder; expected a JSONL file of rows'],
  [
    'pairs without a row',
    ['steer', configuration('none.jsonl', '\n \n'), '--name', 'a/b', '--url', nowhere],
    'none.jsonl has no rows; expected a line for each, of {"positive", "negative"}',
  ],
  [
    'a file of rows without any',
    ['train', configuration('none.jsonl', ''), '--name', 'a/b', '--url', nowhere],
    'none.jsonl has no rows; expected a line for each, of {"text"}',
  ],
  ['rows in the place of a document', ['compress', rows, '--name', 'a/b', '--url', nowhere], 'rows.jsonl holds rows of JSON, and a document is one text'],
  ['rows in the place of a document to measure', ['bench', 'compress', '--document', rows], 'rows.jsonl holds rows of JSON, and a document is one text'],
  ['a document without a text', ['compress', configuration('empty.txt', ' '), '--name', 'a/b', '--url', nowhere], 'empty.txt is empty; expected a text'],
  ['a folder to upload', ['files', 'upload', scratch, '--url', nowhere], 'is a folder; expected a JSONL file'],
  ['a folder of texts', ['classify', 'a/b', '--file', scratch, '--url', nowhere], 'is a folder; expected a file of texts'],
  ['a folder of inputs', ['calibrate', 'a/b', '--inputs', scratch, '--url', nowhere], 'is a folder; expected a file of texts'],
  ['a folder of probes', ['interfere', 'a/b', '--probe', scratch, '--url', nowhere], 'is a folder; expected a file of inputs'],
  ['a folder for a policy', ['policy', 'put', scratch, '--url', nowhere], 'is a folder; expected a file of JSON, as docs/operating/policies.md has it'],
  ['a file in the place of a folder of tasks to write', ['bench', 'tasks', rows], 'rows.jsonl cannot be written: it is a file; expected a folder.'],
  ['tasks that are not there', ['bench', 'compose', '--tasks', 'no-such'], 'There is no folder no-such; expected one that has a folder for each task'],
  ['a file of tasks', ['bench', 'compose', '--tasks', rows], 'is a file; expected one that has a folder for each task'],
  ['a file of split tasks', ['bench', 'defaults', '--tasks', rows], 'is a file; expected one that has a folder for each task'],
  ['a file to keep adapters in', ['bench', 'compose', '--keep', rows], 'cannot be written: it is a file; expected a folder'],
  ['a file to keep trainings in', ['bench', 'defaults', '--keep', rows], 'cannot be written: it is a file; expected a folder'],
  ['a file of models', ['bench', 'evidence', '--models', rows], 'is a file; expected one that has a folder for each model'],
  ['a page whose folder is not there', ['bench', 'evidence', '--write', '--docs', 'no-such'], 'There is no folder no-such; expected a folder of documentation'],
  ['rows to time that are not there', ['bench', 'train', '--data', 'no-such.jsonl'], 'There is no file no-such.jsonl'],
  ['a precision that is none', ['bench', 'perplexity', '--precisions', 'float32,int5'], 'there is no int5; there are float32, float16, bfloat16, int8, int4'],
  ['a precision twice', ['bench', 'perplexity', '--precisions', 'int8,int8'], 'int8 is said twice; say it once'],
  ['a method twice', ['bench', 'methods', '--methods', 'lora,ia3,lora'], 'lora is said twice; say it once'],
  ['a task of defaults twice', ['bench', 'defaults', '--only', 'mail/spam,mail/spam'], 'mail/spam is said twice; say it once'],
  ['a name of nothing', ['bench', 'evidence', '--only', 'methods,'], 'expected names with a comma between two of them'],
  [
    'a method that documents have not',
    ['bench', 'compress', '--document', configuration('manual.txt', 'The lamp.'), '--method', 'none'],
    'there is no method "none"',
  ],
  ['a file for a state', ['adapters', '--state', rows], 'rows.jsonl is a file; --state (or WEFT_STATE) takes a folder'],
  [
    'a state that is not there',
    ['run', 'base', 'a', '--state', join(scratch, 'nope')],
    'nope: --state (or WEFT_STATE) names the one of a weft that was started',
  ],
  ['a file for the state of a start', ['dev', '--state', rows, '--no-demo'], 'rows.jsonl is a file; --state (or WEFT_STATE) takes a folder'],
  ['help of a command that there is not', ['nope', '--help'], 'nope'],
  ['a configuration in JSON', ['methods', '--config', configuration('of.json', '{}')], 'of.json is no module. --config takes a .ts or .mjs file'],
  ['an import that is not there', ['methods', '--config', configuration('imports.ts', "import 'nope-nope'\n")], "Cannot find package 'nope-nope'"],
  ...(
    [
      ['a gate', "publish: { interference: { worst: 'best' } }", 'publish[0]: interference.worst is "best"; expected one of keeps, uncertain'],
      ['a route', "routes: { r: 'a + + b' }", 'routes.r: expected an object'],
      ['an executor', 'executors: { far: { kind: 1 } }', 'executors.far'],
      ['a field', 'routs: {}', 'routs: unknown field "routs"; did you mean "routes"?'],
      ['a number', "runner: { slots: 'many' }", 'runner.slots: expected a whole number, got "many"'],
    ] as const
  ).flatMap(([what, fields, message]) =>
    ['defineConfig', ''].map((by): [string, string[], string] => {
      const name = `${by || 'plain'}-${what.split(' ').at(-1)}.ts`
      const text = `import { defineConfig } from ${JSON.stringify(defining)}\nexport default ${by}({ models: {}, plugins: [], ${fields} })\n`
      return [`${what} of a configuration that is none, ${by || 'a plain object'}`, ['methods', '--config', configuration(name, text)], `${name}: ${message}`]
    }),
  ),
  [
    'a configuration that throws',
    ['methods', '--config', configuration('throws.ts', '\nthrow new Error("first\\nsecond")\n')],
    'throws.ts:2 cannot be read: first',
  ],
])('asked wrongly, exit 2: %s', async (_, args, message) => {
  const { status, stderr, stdout } = await weft(...args)
  expect(stderr).toContain(message)
  // One line, and nothing after it.
  expect(stderr).toMatch(/^weft: [^\n]+\n$/)
  expect(stdout).toBe('')
  expect(status).toBe(2)
})

test('asked wrongly with --json: the error is JSON, with its code', async () => {
  const { status, stderr } = await weft('publish', 'x.safetensors', '--json')
  expect(status).toBe(2)
  expect(JSON.parse(stderr)).toEqual({ error: { code: 'usage', message: "required option '--name <name>' not specified (npx weft publish --help says more)" } })
  const twoForms = await weft('bench', 'methods', '--markdown', '--json')
  expect(twoForms.status).toBe(2)
  expect(JSON.parse(twoForms.stderr)).toMatchObject({
    error: { code: 'option_unread', message: expect.stringContaining('--markdown says nothing beside --json') },
  })
  expect((await weft('trian')).stderr).toBe('weft: there is no command "npx weft trian"; did you mean "train"? "npx weft --help" lists what there is.\n')
})

test('hyperparameters that are left to the server contradict nothing that is said', async () => {
  const asked = (...more: string[]) => weft('train', rows, '--name', 'a/b', '--method', 'lora', '--url', nowhere, ...more)
  for (const value of ['auto', 'null']) {
    expect((await asked('--steps', '2', '--hyper', `n_epochs=${value}`)).stderr).toContain('Nothing answers')
    expect((await asked('--epochs', '2', '--hyper', `max_steps=${value}`)).stderr).toContain('Nothing answers')
  }
  // An option leaves it to the server by the same word as the API.
  expect((await asked('--steps', '2', '--epochs', 'auto')).stderr).toContain('Nothing answers')
  expect((await asked('--epochs', 'Auto')).stderr).toContain('expected a whole number of at least 1, or auto (')
})

test('an empty prompt is told of with where one is given, by the command and by the edge', async () => {
  const piped = spawnSync(process.execPath, [bin, 'run', 'base', '--chat', '--url', nowhere], { input: '', encoding: 'utf8' })
  expect(piped).toMatchObject({ status: 2, stderr: 'weft: There is no prompt: give one after the expression, or pipe one in.\n' })
  const edge = createServer((_, response) => {
    const error = { message: 'The prompt has no tokens.', type: 'invalid_request_error', param: 'prompt', code: 'empty_prompt' }
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
  }).listen(0, '127.0.0.1')
  await once(edge, 'listening')
  const url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`
  const asked = await weft('run', 'base', '', '--url', url, '--key', 'k')
  edge.close()
  expect(asked).toMatchObject({ status: 2, stderr: 'weft: The prompt has no tokens. Give a prompt after the expression, or pipe one in.\n' })
})

test('an expression that is none is refused with the place, before anything is loaded or asked', async () => {
  const { status, stderr } = await weft('interfere', 'a/b + + c/d', '--url', nowhere)
  expect(stderr).toMatch(/^weft: unexpected "\+"; .+, at character 7\n/)
  expect(status).toBe(2)
})

test('tasks that are there are written over with --force alone', { timeout: 240_000 }, async () => {
  const folder = join(scratch, 'tasks')
  expect((await weft('bench', 'tasks', folder)).status).toBe(0)
  const settings = join(folder, 'era', 'task.json')
  writeFileSync(settings, 'mine')
  expect(await weft('bench', 'tasks', folder)).toMatchObject({ status: 2, stderr: expect.stringContaining('--force') })
  expect(readFileSync(settings, 'utf8')).toBe('mine')
  expect((await weft('bench', 'tasks', folder, '--force')).status).toBe(0)
  expect(readFileSync(settings, 'utf8')).not.toBe('mine')
})
