import { nearest, type WeftError } from '@weft/adapters'
/** An error that a user can act on. `exitCode`: 1 for what failed, 2 for what was asked wrongly. */
export class CliError extends Error {
  readonly code: string
  readonly exitCode: 1 | 2
  /** Of a job that ended: how. */
  readonly status: string | undefined
  constructor(code: string, message: string, exitCode: 1 | 2 = 1, { status, ...options }: ErrorOptions & { status?: string } = {}) {
    super(message, options)
    this.name = 'CliError'
    this.code = code
    this.exitCode = exitCode
    this.status = status
  }
}

/** @param meant what may have been meant; `there` what there is, where that is few enough to be told */
export const noSubcommand = (path: string, word: string, meant: readonly string[], there: readonly string[]) =>
  new CliError(
    'usage',
    `there is no command "${path} ${word}"${meant.length > 0 ? `; did you mean ${meant.map((name) => `"${name}"`).join(' or ')}?` : '.'} ${
      there.length > 12 ? `"${path} --help" lists what there is.` : `There are ${there.join(', ')} ("${path} --help" says more).`
    }`,
    2,
  )

/** A tool of the MCP server. */
export const toolUnknown = (name: string, there: readonly string[]) => {
  const [meant] = nearest(name, there, 1)
  return new CliError('tool_unknown', `there is no tool "${name}"${meant === undefined ? '.' : `; did you mean "${meant}"?`} There are ${there.join(', ')}.`, 2)
}

export const portTaken = (port: number, byWeft: boolean) =>
  new CliError(
    'port_taken',
    byWeft
      ? `Port ${port} is taken by a weft that already runs here. Use that one, stop it, or start this one with --port and --state of its own.`
      : `Port ${port} is taken by another program. Choose another with --port.`,
  )

export const stateInUse = (folder: string, pid: number) =>
  new CliError(
    'state_in_use',
    `The state in ${folder} is in use by a running weft (process ${pid}). Stop that one, or give this one a folder of its own with --state.`,
  )

export const notReady = (what: string, seconds: number, log: string) =>
  new CliError('not_ready', `${what} did not answer within ${seconds} s. The end of its log, ${log}, says why.`)

export const noSafetensors = (source: string) =>
  new CliError('no_safetensors', `"${source}" has no .safetensors files, which is what vLLM is described for. Name a folder with a Hugging Face checkpoint.`, 2)

/** What was asked wrongly of a process that is started here: whatever starts it again gets the same answer. */
export const cannotServe = (reason: string) => new CliError('cannot_serve', `There is nothing to serve: ${reason.trim()}`, 2)

export const modelFolderMissing = (path: string) =>
  new CliError(
    'model_missing',
    `There is no model folder or GGUF file ${path}. --model takes one of these, a pulled name such as smollm2-135m, a package, or a hub id such as HuggingFaceTB/SmolLM2-135M-Instruct.`,
    2,
  )

export const runsAlready = (option: string, field: string) =>
  new CliError(
    'runs_already',
    `${option} tells a runner that is started here, and the configuration's "${field}" names what runs already. Leave the option out, or take "${field}" out of the configuration.`,
    2,
  )

export const deploymentMissing = (path: string) =>
  new CliError(
    'deployment_missing',
    `There is no ${path}, which says what the Worker is made of. Run this in the folder of a project, or make one: npm create weft@latest my-app`,
    2,
  )

export const bundleFailed = (output: string) => new CliError('bundle_failed', `The Worker could not be bundled:\n${output.trim()}`)

export const stateUnwritable = (folder: string, cause: NodeJS.ErrnoException) =>
  cause.code === 'ENOSPC' || cause.code === 'EDQUOT'
    ? new CliError(
        'storage_full',
        `There is no room left for the state in ${folder}. Free some, or name another folder with --state; nothing that was stored is lost.`,
        1,
        { cause },
      )
    : new CliError('state_unwritable', `The state folder ${folder} cannot be written (${cause.code ?? cause.message}). Name another with --state.`, 2, {
        cause,
      })

export const databaseBroken = (file: string, problem: string, what: string, remedy: string) =>
  new CliError(
    'database_broken',
    `The database ${file} is broken (${problem.split('\n')[0]}). It holds ${what}. Put a good copy in its place, with its -wal file or without one; or move it away and start again: ${remedy}.`,
  )

export const stateIsFile = (path: string) =>
  new CliError('state_is_file', `The state ${path} is a file; --state (or WEFT_STATE) takes a folder, such as .weft.`, 2)

/** As the database and the storage of `weft serve` say it. */
export const stateHomeNotWrittenOut = (path: string) =>
  new CliError('invalid_state', `The state "${path}" begins with "~", which nobody has replaced by the home folder. Write the whole path.`, 2)

export const stateMissing = (path: string) =>
  new CliError('state_missing', `There is no state folder ${path}: --state (or WEFT_STATE) names the one of a weft that was started, such as .weft.`, 2)

export const optionUnread = (option: string, needs: string) =>
  new CliError('option_unread', `${option} says nothing without ${needs}: leave it out, or add the other.`, 2)

export const optionUnreadBeside = (option: string, other: string) =>
  new CliError('option_unread', `${option} says nothing beside ${other}: leave one of them out.`, 2)

export const outSaidTwice = (path: string, out: string) => new CliError('usage', `${path} and --out ${out} both say where to write: name it once.`, 2)

export const saidTwice = (one: string, other: string) => new CliError('usage', `${one} and ${other} say the same: give one of them.`, 2)

export const optionTwice = (before: string, flag: string) =>
  new CliError(
    'usage',
    before === flag ? `${flag} is given twice; give it once.` : `${before} and ${flag} say the contrary of each other: give one of them.`,
    2,
  )

/** @param before what was said before it and comes to the same */
export const expressionTwice = (expression: string, before = expression) =>
  new CliError(
    'usage',
    before === expression
      ? `"${expression}" is there twice, and would be measured the same; say it once.`
      : `"${expression}" is "${before}" over again, and would be measured the same; say it once.`,
    2,
  )

export const twoVersions = (expression: string, one: string, other: string) =>
  new CliError('usage', `"${expression}" names ${one} and ${other}, two versions of one adapter, and what is found is told by names. Name one of them.`, 2)

export const nameUnread = (option: string, name: string, expressions: readonly string[]) =>
  new CliError('usage', `${option} is for "${name}", which stands in none of the expressions (${expressions.join(', ')}).`, 2)

/** @param instead what gives inputs for this once */
export const carriesNoInputs = (id: string, instead: string) =>
  new CliError(
    'carries_no_inputs',
    `"${id}" carries no inputs to try it with. Give some by ${instead}, or for good once it is published: npx weft probes ${id} --file FILE.`,
    2,
  )

export const newTenantUnnamed = () => new CliError('usage', '--new-tenant needs --tenant, the name of the tenant to begin.', 2)

export const keyFileExists = (file: string) =>
  new CliError(
    'file_exists',
    `There is a file ${file} already, and a key is never written over another: what that signed could not be signed again. Name another.`,
    2,
  )

export const keyToStdout = () =>
  new CliError('usage', 'A private key is written into a file that nobody else may read, and not to stdout. Name a file; one that is called "-" is ./-.', 2)

export const keyMalformed = (file: string) =>
  new CliError('key_malformed', `${file} must hold one key, without spaces. Delete it, and the next start makes a new one.`)

export const migrationsFailed = (output: string) => new CliError('migrations_failed', `The local database could not be brought up to date:\n${output.trim()}`)

export const fileMissing = (path: string) => new CliError('file_missing', `There is no file ${path}.`, 2)

export const policyNoJson = (file: string, reason: string) => new CliError('invalid_json', `${file} is no JSON: ${reason}`, 2)

export const inputNoJson = (line: number, reason: string) => new CliError('invalid_json', `Line ${line} of the inputs cannot be read as JSON: ${reason}`, 2)

export const notAFile = (path: string, expected: string) => new CliError('not_a_file', `${path} is a folder; expected ${expected}.`, 2)

export const fileUnreadable = (path: string, expected: string, cause: NodeJS.ErrnoException) =>
  new CliError(
    'file_unreadable',
    `${path} cannot be read: ${cause.code === 'EACCES' || cause.code === 'EPERM' ? 'its rights do not let it be' : (cause.code ?? cause.message)}; expected ${expected}.`,
    2,
    { cause },
  )

export const folderMissing = (path: string, expected: string) => new CliError('folder_missing', `There is no folder ${path}; expected ${expected}.`, 2)

export const notAFolder = (path: string, expected: string) => new CliError('not_a_folder', `${path} is a file; expected ${expected}.`, 2)

export const folderUnwritable = (path: string, reason: string) => new CliError('folder_unwritable', `The folder ${path} cannot be written: ${reason}.`, 2)

export const answersOverQuestions = (path: string) =>
  new CliError('usage', `--out is ${path}, the file of the requests, which the answers would replace. Name another.`, 2)

export const fileExists = (path: string) => new CliError('file_exists', `There is a file ${path} already. Name another, or say --force to write over it.`, 2)

const unwritableBecause: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder; name a file in it',
  ENOENT: 'the folder that it would be in is not there',
  ENOTDIR: 'the folder that it would be in is a file',
  EACCES: 'it may not be written to',
}

export const fileUnwritable = (path: string, cause: NodeJS.ErrnoException, reason = unwritableBecause[cause.code ?? ''] ?? cause.message) =>
  new CliError('file_unwritable', `${path} cannot be written: ${reason}.`, 2, { cause })

export const notAText = (path: string) =>
  new CliError('not_a_text', `${path} is no UTF-8 text. Give a text file; of a PDF or a page, the text that is in it.`, 2)

export const emptyDocument = (path: string) => new CliError('document_empty', `${path} is empty; expected a text that can be compressed.`, 2)

export const rowsNoDocument = (path: string) =>
  new CliError(
    'rows_no_document',
    `${path} holds rows of JSON, and a document is one text. To learn from them: npx weft train ${path} --name NAME. To compress what they say, give the text in a file of its own, or as rows of {"document"}.`,
    2,
  )

export const noRows = (path: string, form: string) => new CliError('file_empty', `${path} has no rows; expected a line for each, of ${form}.`, 2)

/** @param kind what the rows are, as the edge read them */
export const rowsOfOtherKind = (path: string, kind: string, form: string) =>
  new CliError('rows_of_other_kind', `${path} has rows of the kind "${kind}"; expected rows of ${form}.`, 2)

/** What a shell took apart: `base`, `+` and `style/speech` are three words. */
export const expressionUnquoted = () =>
  new CliError('usage', 'An expression with blanks in it stands in quotes: npx weft run "base + style/speech" "The sea".', 2)

export const noPrompt = () => new CliError('no_prompt', 'There is no prompt: give one after the expression, or pipe one in.', 2)

export const rowWithoutText = (line: number, fields: readonly string[]) =>
  new CliError(
    'row_without_text',
    `Line ${line} is an object without a text or a prompt${fields.length === 0 ? '' : `: it has ${fields.map((field) => JSON.stringify(field)).join(', ')}`}. Give {"text": "…"} or {"prompt": "…"} a line, or plain lines.`,
    2,
  )

export const rowNotOneInput = (line: number, why: string) =>
  new CliError('row_not_one_input', `Line ${line} ${why}. Give {"text": "…"} or {"prompt": "…", "completion": "…"} a line, or plain lines.`, 2)

export const noInput = () => new CliError('no_input', 'There is no input: give texts as arguments, or --file FILE, or pipe lines in.', 2)

export const jobEnded = (name: string, status: string, reason: string) =>
  new CliError('job_ended', `The training of ${name} ended as "${status}": ${reason}`, 1, { status })

export const unreachable = (url: string, cause: unknown) =>
  new CliError('unreachable', `Nothing answers at ${url}. Start it with "npm start" or "npx weft dev", or name another with --url.`, 1, { cause })

/** @param place in the file itself, or in a module that it imports */
export const configurationUnreadable = (path: string, place: { file: string; line: number } | undefined, cause: unknown) => {
  const own = place?.file === path
  const said = (cause as Error).message?.split('\n')[0] ?? cause
  return new CliError(
    'invalid_config',
    `The configuration ${path}${own ? `:${place.line}` : ''} cannot be read: ${place && !own ? `${place.file}:${place.line}, which it imports: ` : ''}${said}`,
    2,
    { cause },
  )
}

/** What `defineConfig` refuses: the file has to be another, whatever the command is. */
export const configurationRefused = (path: string, cause: WeftError) => new CliError(cause.code, `The configuration ${path}: ${cause.message}`, 2, { cause })

export const configurationNoModule = (path: string) =>
  new CliError(
    'invalid_config',
    `The configuration ${path} is no module. --config takes a .ts or .mjs file that says: export default defineConfig({ models, plugins }); weft.config.ts is an example.`,
    2,
  )

export const outputUnwritable = (cause: NodeJS.ErrnoException) =>
  new CliError('output_unwritable', `The output could not be written (${cause.message}).`, 1, { cause })

export const malformedFolder = (folder: string, problem: string) => new CliError('malformed_folder', `${folder}: ${problem}`, 2)

/** @param worse adapters of the route, each with how it fares: `tone/calm loses (KL 0.73)` */
export const interferes = (name: string, route: string, verdict: string, worst: string, worse: readonly string[]) =>
  new CliError(
    'interferes',
    `"${name}" is not published: in the route "${route}" the verdict is "${verdict}", and "${worst}" is the worst that is taken: ${worse.join(', ')}. "npx weft interfere ${route}" says what helps.`,
  )

export const fileOrText = () => new CliError('file_or_text', 'Name either an adapter file or --text, one of them.', 2)

export const runnerAway = () =>
  new CliError('runner_away', 'The runner serves no model yet, and an adapter is made for one. Try again when GET /health lists it.')

export const severalAdapters = (dir: string, names: readonly string[]) =>
  new CliError('several_adapters', `${dir} holds the adapters ${names.join(', ')}. Say which with --adapter.`, 2)

export const adapterUnknown = (dir: string, name: string, names: readonly string[]) =>
  new CliError('adapter_unknown', `${dir} holds no adapter "${name}"; it holds ${names.join(', ')}.`, 2)

export const baseNotFound = (name: string) =>
  new CliError(
    'base_not_found',
    `The adapter was made on the base model "${name}", which is neither the configuration's, nor what runs here serves, nor found by that name. Say where it is with --model, or name its configuration with --config.`,
    2,
  )

export const benchRunnerSilent = () => new CliError('bench_runner_silent', 'The runner that was started to be measured served no model within a minute.')
