/**
 * Fields of OpenAI's that change nothing in an answer, and why each is left unused: taken at every endpoint, in bodies, forms and
 * queries (which refuse `metadata`). Whatever else an endpoint does not know is refused.
 */
export const ignoredFields: Readonly<Record<string, string>> = {
  user: "names the end user, for OpenAI's monitoring of abuse",
  safety_identifier: "names the end user, for OpenAI's monitoring of abuse",
  metadata: "labels for OpenAI's dashboard; a training job keeps its own",
  store: 'whether OpenAI keeps the answer; here answers of /v1/responses alone are kept',
  service_tier: "which of OpenAI's queues to wait in; there is one here",
  prompt_cache_key: "a hint for OpenAI's cache of prompts",
  prompt_cache_retention: "a hint for OpenAI's cache of prompts",
  prompt_cache_options: "a hint for OpenAI's cache of prompts",
  prediction: 'a guess at the answer, which makes it faster and no other',
}
