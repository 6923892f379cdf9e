import aiSdkOpenai from './ai-sdk-openai.ts'
import aiSdkOpenaiCompatible from './ai-sdk-openai-compatible.ts'
import langchain from './langchain.ts'
import langgraph from './langgraph.ts'
import mcp from './mcp.ts'
import openai from './openai.ts'
import type { Program } from './program.ts'
import { readmeOf } from './readme.ts'
import weftAiSdk from './weft-ai-sdk.ts'
import weftLangchain from './weft-langchain.ts'

/** A program of each client, by the client's name. */
export const programs: Readonly<Record<string, Program>> = {
  openai,
  '@langchain/openai': langchain,
  '@langchain/langgraph': langgraph,
  'ai with @ai-sdk/openai': aiSdkOpenai,
  'ai with @ai-sdk/openai-compatible': aiSdkOpenaiCompatible,
  'README of @weft/client': readmeOf('client'),
  'weft mcp': mcp,
  '@weft/ai-sdk': weftAiSdk,
  'README of @weft/ai-sdk': readmeOf('ai-sdk'),
  '@weft/langchain': weftLangchain,
  'README of @weft/langchain': readmeOf('langchain'),
}
