import type { SiteName } from '@weft/adapters'
import type { HeldModel } from '@weft/protocol'
import type { Capabilities } from '../inference.ts'
import type { Support } from '../site-support.ts'

/** vLLM 0.32 fails as a whole where soft prompts meet adapters that may act on embeddings, so those must be left out. */
const softPromptFlags = '--enable-prompt-embeds --trust-request-chat-template, and, beside --enable-lora, --lora-target-modules without embeddings'

/** How vLLM serves each site, and what it must have been started with. The table of docs/operating/vllm.md is compared with this one. */
export const vllmSites: Record<SiteName, Support & { startedWith?: string }> = {
  text: { support: 'exact', why: 'its tokens stand before the prompt' },
  inputsEmbeds: {
    support: 'exact',
    why: 'rows go as `prompt_embeds`, and vLLM embeds the tokens around them',
    startedWith: softPromptFlags,
  },
  promptDelta: {
    support: 'exact',
    why: 'trunk and branches are added to rows by the edge, which go as `prompt_embeds`',
    startedWith: softPromptFlags,
  },
  linear: {
    support: 'exact',
    why: 'all low-rank terms are one PEFT adapter whose ranks stand side by side',
    startedWith: '--enable-lora, VLLM_ALLOW_RUNTIME_LORA_UPDATING=True',
  },
  activatedLinear: { support: 'refused', why: 'the edge tells vLLM of no invocation, and vLLM would apply the LoRA to the tokens before it too' },
  keyValue: {
    support: 'exact',
    why: 'its keys and values are written where placeholder tokens would have theirs',
    startedWith: '--kv-transfer-config for weft_prefix, WEFT_VLLM_ADAPTERS',
  },
  gatedKeyValue: { support: 'refused', why: 'vLLM has no second softmax for gated branches' },
  scale: { support: 'refused', why: 'vLLM multiplies no activations (IA3)' },
  residual: { support: 'refused', why: 'vLLM adds nothing to the residual stream' },
  head: { support: 'refused', why: 'vLLM generates here; a classifier needs a runner of its own' },
  weights: { support: 'refused', why: "whole weights would be another model: serve the merged checkpoint as a model of vLLM's own" },
}

const outputs: Support = { support: 'refused', why: 'vLLM does not combine the next tokens of several requests' }

/** What this vLLM does, by what it was started with: it names the sites that it is ready for. */
export function vllmCapabilities({ sites, spec: { tasks } }: HeldModel): Capabilities {
  const supportOf = (site: string, { support, why, startedWith }: Support & { startedWith?: string }): Support =>
    startedWith && sites && !sites.includes(site) ? { support: 'refused', why: `this vLLM was started without ${startedWith}` } : { support, why }
  return { sites: Object.fromEntries(Object.entries(vllmSites).map(([site, of]) => [site, supportOf(site, of)])), outputs, tasks }
}
