import { existsSync, readFileSync, statSync } from 'node:fs'
import { readManifest, readSafetensors, writeAdapter } from '@weft/adapters'
import { fromLowRank, fromVectors, importPeft } from '@weft/methods'
import { readControlVector } from '@weft/model/control-vector/control-vector'
import { isGguf } from '@weft/model/gguf/gguf-file'
import { isHubId } from '@weft/model/hub/hub-id'
import { isGgufAdapter, readLowRank } from '@weft/model/low-rank/read-low-rank'
import type { WeftConfig } from '@weft/protocol'
import { Command } from 'commander'
import { baseToBe } from '../../base-model.ts'
import { readConfiguration } from '../../configuration.ts'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { CliError } from '../../errors.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { bytes, type Output, outputOf } from '../../output/output.ts'
import { force, type Overwriting, requireWritable, writeOutput } from '../../output/output-file.ts'
import { pair } from '../../pair.ts'
import { type PeftFolder, readPeftFolder } from '../../peft-folder.ts'
import { otherKind } from '../adapters/other-kind.ts'
import { publishedAs, publishNew, unchangedAs } from '../adapters/publish.ts'
import { adapterImported, nothingToImport } from './errors.ts'
import { peftFromHub } from './peft-from-hub.ts'

interface Options extends Connection, Overwriting {
  name?: string
  out?: string
  adapter?: string
  revision?: string
  model?: string
  labels?: string[]
  set: Record<string, unknown>
  config: string
}

export const importAdapter = (): Command =>
  connected(new Command('import'))
    .description('import a PEFT checkpoint, or a LoRA or control vector of llama.cpp, as an adapter')
    .argument(
      '<dir-or-hub-id>',
      'folder with adapter_config.json and adapter_model.safetensors, the id of such a one on the hub, or a GGUF file of a LoRA or a control vector',
    )
    .option('--revision <name>', "a branch, tag or commit of the hub's (default: main)")
    .option('--adapter <name>', 'which one, where there are several')
    .option('--name <name>', 'publish it under this name')
    .option('--out <file>', 'write the adapter file here instead')
    .addOption(force())
    .option('--model <dir-or-hub-id>', "the base model it was trained on (default: the served one of the state folder, else the configuration's first)")
    .option('--labels <label...>', 'classes of a classifier, in their order, each by itself: --labels ham spam')
    .option('--set <key=value>', "a setting of the method that PEFT's config does not have: --set task_id=2 (repeatable)", pair, {})
    .option('--config <file>', 'where the plugins are named', defaultConfig)
    .action(async (what: string, options: Options, command: Command) => {
      if (!options.name === !options.out) throw new CliError('usage', 'Say either --name, to publish it, or --out, to write a file.', 2)
      if (options.out === undefined) refuseUnread(command, ['force'], { without: '--out' })
      else requireWritable(options.out, options)
      if (isAdapterFile(what)) throw adapterImported(what, options.name)
      const config = await readConfiguration(options.config)
      const output = outputOf(options, options.out)
      const here = existsSync(what)
      const onHub = !here && isHubId(what) && !/\.gguf$/i.test(what)
      if (!here && !onHub) throw nothingToImport(what)
      if (here) refuseUnread(command, ['revision'], { beside: `${what}, which is on this machine` })
      const { adapter: chosen, revision } = options
      const dir = onHub ? await peftFromHub(what, { adapter: chosen, revision, importIt: await importOnto(config, options) }, output.note) : what
      const { manifest, state, params } = isFile(dir) && isGguf(dir) ? await ofGguf(dir, config, options) : await ofPeft(dir, config, options, output)
      const file = await writeAdapter(manifest, state, params)
      if (options.out) {
        writeOutput(options.out, file, options)
        output.result({ file: options.out, bytes: file.length, method: manifest.method }, () => `${options.out}: ${manifest.method}, ${bytes(file.length)}`)
        return
      }
      const { adapter, unchanged, before } = await publishNew(clientOf(options), options.name!, file)
      const other = otherKind(before, adapter)
      if (other) output.note(other)
      output.result({ ...adapter, ...(unchanged && { unchanged }), ...(other && { replaces: before!.id }) }, () =>
        unchanged
          ? unchangedAs(adapter)
          : adapter.candidate
            ? publishedAs(adapter, before)
            : `${adapter.id} is published: ${adapter.method} (${adapter.digest})`,
      )
      if (adapter.candidate) process.exitCode = 1
    })

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/** Whether it is what training writes, and what is published: its header says what it was made of. */
const isAdapterFile = (path: string): boolean => {
  if (!isFile(path) || isGguf(path)) return false
  try {
    return readManifest(readSafetensors(new Uint8Array(readFileSync(path))).metadata).format === 'weft-adapter'
  } catch {
    return false
  }
}

const ofPeft = async (dir: string, config: WeftConfig, options: Options, output: Output) => {
  const files = readPeftFolder(dir, options.adapter)
  if (options.adapter === undefined && files.name !== 'default') output.note(`Taking the adapter "${files.name}", the only one in ${dir}.`)
  return (await importOnto(config, options))(files)
}

/** How PEFT's files become an adapter of the base model that is meant. */
const importOnto = async (config: WeftConfig, options: Options) => {
  const {
    name,
    model: { spec, fingerprint, weights },
  } = await baseToBe(config, options.config, options)
  return (files: Pick<PeftFolder, 'config' | 'weights'>) =>
    importPeft(files, config.plugins, {
      model: spec,
      base: { name, fingerprint },
      baseWeight: (weight) => weights.readSync(weight),
      settings: options.set,
      ...(options.labels ? { labels: options.labels } : {}),
    })
}

/** What llama.cpp's file has no use for is refused, and not left out. */
const ofGguf = async (file: string, config: WeftConfig, options: Options) => {
  const isLora = await isGgufAdapter(file)
  const idle = options.adapter !== undefined ? '--adapter' : options.labels ? '--labels' : Object.keys(options.set).length > 0 ? '--set' : undefined
  if (idle) throw new CliError('usage', `${isLora ? "llama.cpp's LoRA" : 'A control vector'} has nothing that ${idle} could name; leave it out.`, 2)
  const {
    name,
    model: { spec, fingerprint },
  } = await baseToBe(config, options.config, options)
  const made = { model: spec, base: { name, fingerprint } }
  if (isLora) return fromLowRank(await readLowRank(file, spec), config.plugins, made)
  return { ...fromVectors(await readControlVector(file, spec), config.plugins, made), params: {} }
}
