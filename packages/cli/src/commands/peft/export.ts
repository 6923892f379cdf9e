import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readAdapter, readManifest, readSafetensors } from '@weft/adapters'
import { actsOnLinear, exportPeft, toLowRank, toVectors } from '@weft/methods'
import { writeControlVector } from '@weft/model/control-vector/write-control-vector'
import { writeLowRank } from '@weft/model/low-rank/write-low-rank'
import { Command, Option } from 'commander'
import { baseOf } from '../../base-model.ts'
import { readConfiguration } from '../../configuration.ts'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { CliError, outSaidTwice } from '../../errors.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { bytes, outputOf } from '../../output/output.ts'
import { force, type Overwriting, requireWritable, writeOutput } from '../../output/output-file.ts'
import { outputFolder } from '../../output/output-folder.ts'
import { compositionExported } from './errors.ts'

interface Options extends Connection, Overwriting {
  format: 'peft' | 'gguf'
  out?: string
  adapter?: string
  model?: string
  baseModelName?: string
  config: string
}

export const exportAdapter = (): Command =>
  connected(new Command('export'))
    .description('write an adapter as a PEFT checkpoint, or as a LoRA or control vector of llama.cpp')
    .argument('<adapter>', 'a published name, name@version, or an adapter file')
    .argument('[path]', 'the same as --out')
    .option('--out <path>', 'folder to write adapter_config.json and adapter_model.safetensors into; with --format gguf a file')
    .addOption(force())
    .addOption(
      new Option('--format <format>', 'gguf is what llama.cpp reads: a LoRA of low-rank additions, a control vector of a steering vector')
        .choices(['peft', 'gguf'])
        .default('peft'),
    )
    .option('--adapter <name>', 'PEFT\'s name for it, a folder in that one (default: none, as for "default")')
    .option('--model <dir-or-hub-id>', "its base model (default: the configuration's first, or what the adapter was made on)")
    .option('--base-model-name <name>', 'what to write as base_model_name_or_path')
    .option('--config <file>', 'where the plugins are named', defaultConfig)
    .action(async (adapter: string, path: string | undefined, options: Options) => {
      if (options.out !== undefined && path !== undefined) throw outSaidTwice(path, options.out)
      const out = options.out ?? path
      if (out === undefined) throw new CliError('usage', `Say where to write with --out ${options.format === 'gguf' ? 'FILE' : 'DIR'}.`, 2)
      const idle = options.adapter !== undefined ? '--adapter' : options.baseModelName !== undefined ? '--base-model-name' : undefined
      if (options.format === 'gguf' && idle) throw new CliError('usage', `llama.cpp's file has no place for what ${idle} says; leave it out.`, 2)
      // A folder of that name, as of an earlier export to style/speech, is not what is meant.
      const isFile = statSync(adapter, { throwIfNoEntry: false })?.isFile()
      if (!isFile && /[*+("]/.test(adapter)) throw compositionExported(adapter, options.format)
      const folder = options.adapter === undefined || options.adapter === 'default' ? out : join(out, options.adapter)
      const written = options.format === 'gguf' ? [out] : ['adapter_config.json', 'adapter_model.safetensors'].map((name) => join(folder, name))
      for (const file of written) if (existsSync(file)) requireWritable(file, options)
      const content = isFile ? new Uint8Array(readFileSync(adapter)) : await clientOf(options).adapters.download(adapter)
      const config = await readConfiguration(options.config)
      const model = await baseOf(readManifest(readSafetensors(content).metadata).base, config, options.config, options)
      const loaded = await readAdapter(content, { model: model.spec, base: model })
      const { method } = loaded.manifest
      if (options.format === 'gguf') {
        const file = actsOnLinear(loaded.state)
          ? await writeLowRank(toLowRank(loaded, config.plugins, model.spec), model.spec)
          : await writeControlVector(toVectors(loaded), model.spec)
        writeOutput(out, file, options)
        outputOf(options, out).result(
          { file: out, bytes: file.length, method, digest: loaded.digest },
          () => `${out}: ${method} as llama.cpp reads it, ${bytes(file.length)}`,
        )
        return
      }
      const files = exportPeft(loaded, config.plugins, model.spec, options.baseModelName ?? model.source)
      outputFolder(folder)
      writeOutput(join(folder, 'adapter_config.json'), files.config, options)
      writeOutput(join(folder, 'adapter_model.safetensors'), files.weights, options)
      outputOf(options).result({ dir: folder, method, digest: loaded.digest }, () => `${folder}: ${method} as PEFT reads it`)
    })
