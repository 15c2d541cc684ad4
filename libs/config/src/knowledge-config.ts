import type { Env } from './env-schema.js';

/** Bounds of the documents that are taken in. */
export interface KnowledgeConfig {
  /** Of a document as it comes. */
  readonly maxBytes: number;
  /** Of a PDF. */
  readonly maxPages: number;
  /** What reading one document may take. */
  readonly readTimeoutMs: number;
  readonly readMemoryBytes: number;
  /** From the request to the last byte, redirects included. */
  readonly fetchTimeoutMs: number;
  /** Hosts inside our own network that documents may be fetched from all the same. */
  readonly internalHosts: readonly string[];
}

export function knowledgeConfig(env: Env): KnowledgeConfig {
  return {
    maxBytes: env.KNOWLEDGE_MAX_BYTES,
    maxPages: env.KNOWLEDGE_MAX_PAGES,
    readTimeoutMs: env.KNOWLEDGE_READ_TIMEOUT_MS,
    readMemoryBytes: env.KNOWLEDGE_READ_MEMORY_BYTES,
    fetchTimeoutMs: env.KNOWLEDGE_FETCH_TIMEOUT_MS,
    internalHosts: env.KNOWLEDGE_INTERNAL_HOSTS,
  };
}
