/**
 * The capability table of the vLLM backend beside the real server: what is exact answers as Weft's own engine does, what is refused is refused.
 *
 *     npx weft describe packages/base-model > /tmp/model.json
 *     PYTHONPATH=gpu-runner/vllm WEFT_VLLM_MODEL=/tmp/model.json WEFT_VLLM_ADAPTERS=/tmp/weft-adapters VLLM_ALLOW_RUNTIME_LORA_UPDATING=True \
 *       vllm serve packages/base-model --served-model-name base-model --dtype float32 --port 8000 --api-key secret --middleware weft_vllm.AdapterFolder \
 *       --enable-lora --max-lora-rank 64 --lora-target-modules q_proj k_proj v_proj o_proj gate_proj up_proj down_proj \
 *       --enable-prompt-embeds --trust-request-chat-template \
 *       --kv-transfer-config '{"kv_connector": "WeftPrefix", "kv_connector_module_path": "weft_prefix", "kv_role": "kv_consumer"}'
 *     RUNNER_TOKEN=secret npx node test/acceptance/vllm.ts --url http://127.0.0.1:8000 [--model DIR] [--seed 7] [--bound 1e-4] [--json] [--record FILE]
 *
 * `--record` writes the exchanges that test/vllm/recorded.test.ts replays.
 */
import { writeFileSync } from 'node:fs'
import { openSession } from '@weft/session'
import { httpTransport } from '../../packages/edge/src/runner/http/transport.ts'
import { adaptersFor } from '../vllm/adapters.ts'
import { compareChats } from '../vllm/chats.ts'
import { type Compared, compareTable } from '../vllm/compare.ts'
import { edgeOverVllm } from '../vllm/edge.ts'
import { type Recorded, recording } from '../vllm/recorded.ts'
import { scriptOptions } from './script-options.ts'

const values = scriptOptions({
  url: { type: 'string', default: 'http://127.0.0.1:8000' },
  model: { type: 'string', default: 'packages/base-model' },
  seed: { type: 'string', default: '7' },
  bound: { type: 'string', default: '1e-4' },
  json: { type: 'boolean', default: false },
  record: { type: 'string' },
})
const bound = Number(values.bound)
const exchanges: Recorded = {}
const vllm = httpTransport({ url: values.url, token: process.env.RUNNER_TOKEN, timeoutMs: 120_000 })
const session = await openSession(values.model, { threads: 1 })
const adapters = await adaptersFor(session.model, values.seed)
for (const [name, file] of adapters) await session.add(name, file)
const edge = await edgeOverVllm(values.record === undefined ? vllm : recording(vllm, exchanges), adapters)

const compared: Compared[] = [...(await compareTable(edge, session, { bound })), ...(await compareChats(edge, session, { bound }))]
if (values.record === undefined)
  // Requests of every kind in one batch of vLLM's.
  compared.push(...(await compareTable(edge, session, { bound, atOnce: true })).map((row) => ({ ...row, composition: `${row.composition} (all at once)` })))
else {
  // One refusal is vLLM's to find out: how it reads a text and a prompt together.
  await edge.ask('/v1/completions', { model: 'base + soft/one + note/sea', prompt: 'The sea was' })
  writeFileSync(values.record, `${JSON.stringify(exchanges, null, 1)}\n`)
}
await session.close()

const wrong = compared.filter((row) => row.wrong !== undefined)
if (values.json) console.log(JSON.stringify({ wrong: wrong.length, bound, rows: compared }))
else {
  for (const { site, composition, expected, difference, wrong } of compared)
    console.log(
      [wrong === undefined ? 'ok  ' : 'WRONG', expected.padEnd(8), site.padEnd(14), composition, difference?.toExponential(1), wrong]
        .filter(Boolean)
        .join('  '),
    )
  console.log(`${compared.length - wrong.length} of ${compared.length} rows are as the table says; log-probabilities within ${bound} nats.`)
}
process.exitCode = wrong.length > 0 ? 1 : 0
