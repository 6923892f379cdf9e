import { isWeftError, sha256, writeAdapter } from '@weft/adapters'
import { runnerOf, type WeftClient } from '@weft/client'
import { parseConfig } from '@weft/methods'
import text from '@weft/plugins/text'
import { type AdapterObject, candidateText, gateLines } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { fileOrText, runnerAway } from '../../errors.ts'
import { inputFile } from '../../input/input-file.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { outputOf } from '../../output/output.ts'
import { checkInterference } from './interference-gate.ts'
import { otherKind, standsFor } from './other-kind.ts'
import { probesIn } from './probes.ts'
import { signatureOf } from './sign.ts'

interface Options extends Connection {
  name: string
  text?: string
  sign?: string
  probes?: string
  gate?: boolean
  again?: boolean
  config: string
}

export const publish = (): Command =>
  connected(new Command('publish'))
    .description('publish an adapter file, or a text, as the next version of a name, unless the name stands for the same bytes')
    .argument('[file]', "an adapter's safetensors file")
    .requiredOption('--name <name>', 'name to publish under: style/speech')
    .option('--sign <keyfile>', 'sign it with this private key (weft sign-keys new makes one)')
    .option('--probes <file>', 'inputs as it is asked, without answers, for others to be silent on: JSONL of {text} or {prompt}, at most 64')
    .option('--gate', 'first measure how it goes with the routes that name it, as publish.interference of the configuration asks')
    .option('--config <file>', 'where that is, and the base model', defaultConfig)
    .option('--again', 'make a next version also of bytes that the name stands for')
    .option('--text <text>', 'instead of a file: a text that composes like a trained prompt')
    .action(async (file: string | undefined, options: Options, command: Command) => {
      if (!options.gate) refuseUnread(command, ['config'], { without: '--gate' })
      if ((file === undefined) === (options.text === undefined)) throw fileOrText()
      const weft = clientOf(options)
      const bytes = file === undefined ? await textAdapter(weft, options.text!) : inputFile(file, "an adapter's safetensors file")
      const output = outputOf(options)
      const carried = options.probes === undefined ? undefined : probesIn(options.probes)
      if (options.gate) await checkInterference(weft, { name: options.name, file: bytes, probes: carried }, { ...options, note: output.note })
      const signature = options.sign === undefined ? undefined : await signatureOf(options.sign, bytes)
      const { adapter, unchanged, before } = await publishNew(weft, options.name, bytes, { signature, again: options.again })
      if (carried) await weft.adapters.setProbes(adapter.id, carried)
      const other = otherKind(before, adapter)
      if (other) output.note(other)
      output.result({ ...adapter, ...(unchanged && { unchanged }), ...(other && { replaces: before!.id }) }, () =>
        unchanged
          ? `${unchangedAs(adapter)} With --again they become a version all the same.${carried ? ' It carries the probes of the file now.' : ''}`
          : publishedAs(adapter, before),
      )
      if (adapter.candidate) process.exitCode = 1
    })

/**
 * Publishes a file as the next version of a name, unless that stands for the same bytes already: a second version of them would say that something changed. A
 * signature is a version's own, so what is signed is published; so is what the store has lost, which mends it.
 * @returns with what the name stood for before
 */
export async function publishNew(
  weft: WeftClient,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  { signature, again = false }: { signature?: string | undefined; again?: boolean | undefined } = {},
): Promise<{ adapter: AdapterObject; unchanged: boolean; before: AdapterObject | undefined }> {
  const before = await standsFor(weft, name)
  const isPresent = before !== undefined && before.name === name && before.digest === (await sha256(bytes))
  if (isPresent && signature === undefined && !again) {
    const stored = await weft.adapters.download(before.id).catch(unlessLost)
    if (stored) return { adapter: before, unchanged: true, before }
  }
  return { adapter: await weft.adapters.publish(name, bytes, { signature }), unchanged: false, before }
}

const unlessLost = (error: unknown): undefined => {
  if (!isWeftError(error) || !['adapter_file_damaged', 'adapter_file_missing'].includes(error.code)) throw error
}

export const unchangedAs = ({ id, name, digest }: AdapterObject): string =>
  `Nothing is published: ${id} has these bytes (${digest}), and "${name}" stands for it.`

/**
 * What became of a publication, and why it is not what the name stands for where it is not.
 * @param before what the name stands for otherwise
 */
export const publishedAs = (adapter: AdapterObject, before: AdapterObject | undefined): string =>
  [
    adapter.candidate ? candidateText(adapter, before?.name === adapter.name, ` (${adapter.digest})`) : `${adapter.id} is published (${adapter.digest})`,
    ...gateLines(adapter),
  ].join('\n')

/** The file that a training of method `text` would give: there is nothing to train. */
const textAdapter = async (weft: WeftClient, written: string): Promise<Uint8Array<ArrayBuffer>> => {
  const config = parseConfig(text, { text: written }) as { text: string }
  const base = runnerOf(await weft.health())?.models[0]
  if (!base) throw runnerAway()
  const { name, fingerprint, architecture } = base
  return writeAdapter({ method: text.id, config, base: { name, fingerprint, architecture }, task: 'CAUSAL_LM', lineage: {} }, text.constants!(config))
}
