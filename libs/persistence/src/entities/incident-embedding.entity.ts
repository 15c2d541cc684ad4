import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';

/** As migrated; a rebuild for another embedder changes the column. */
const EMBEDDING_DIMENSIONS = 768;

/** The embedding of an incident's signature. */
@Entity('incident_embeddings')
@Index('incident_embeddings_project_idx', ['projectId'])
// HNSW over cosine distance, which TypeORM can't express.
@Index('incident_embeddings_vector_idx', { synchronize: false })
@Index('incident_embeddings_words_idx', { synchronize: false })
export class IncidentEmbeddingEntity {
  @PrimaryColumn('uuid', { name: 'incident_id', primaryKeyConstraintName: 'incident_embeddings_pkey' })
  incidentId!: string;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'incident_embeddings_incident_fkey' })
  incident!: IncidentEntity;

  /** The incident's, so that a search is bounded to what its caller may see. */
  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text')
  model!: string;

  @Column('vector', { length: EMBEDDING_DIMENSIONS })
  embedding!: number[];

  /** Of the signature, for the search by words. */
  @Column('tsvector', { select: false })
  words!: string;

  @Column({ ...time, name: 'indexed_at' })
  indexedAt!: Date;
}
