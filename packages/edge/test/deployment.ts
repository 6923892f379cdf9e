import type { Plugin } from '@weft/methods'
import cartridge from '@weft/plugins/cartridge'
import full from '@weft/plugins/full'
import ia3 from '@weft/plugins/ia3'
import lora from '@weft/plugins/lora'
import parallelPrefix from '@weft/plugins/parallel-prefix'
import prefixTuning from '@weft/plugins/prefix-tuning'
import promptAdapter from '@weft/plugins/prompt-adapter'
import promptTuning from '@weft/plugins/prompt-tuning'
import steering from '@weft/plugins/steering'
import text from '@weft/plugins/text'
import { defineConfig } from '@weft/protocol'

/** A method with a fault of its own: what it makes is for another site than it says. */
const { peft: _, ...prompt }: Plugin = promptTuning
const faulty = { ...prompt, id: 'faulty', sites: ['residual'] } satisfies Plugin

/** The deployment that the Worker's tests run. @param runner where the scripted runner is, which answers as Ray does too */
export const deployedBeside = (runner: string) =>
  defineConfig({
    models: { base: { path: './base' } },
    plugins: [promptTuning, prefixTuning, promptAdapter, parallelPrefix, lora, ia3, full, steering, cartridge, text, faulty],
    routes: { orator: { composition: 'base + style/speech', defaults: { temperature: 0, maxTokens: 7 } } },
    tenants: Object.fromEntries(['acme', 'one', 'two', 'owner', 'reader', 'audited', 'filing', 'another', 'roles'].map((tenant) => [tenant, {}])),
    executors: {
      cluster: { kind: 'ray', url: runner, edge: 'http://127.0.0.1:8787', models: { base: '/models/base' } },
      locked: { kind: 'ray', url: runner, edge: 'http://127.0.0.1:8787', token: 'NOT_SET_ANYWHERE', models: { base: '/models/base' } },
      without: { kind: 'ray', url: runner, edge: 'http://127.0.0.1:8787' },
    },
    defaults: { sampling: { topK: 13, maxTokens: 5 }, hyperparameters: { maxSteps: 40 } },
  })

/** The same where no test asks an executor. */
export const deployment = deployedBeside('http://127.0.0.1:8265')
