import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { DocumentEntity } from './document.entity.js';
import { ProjectEntity } from './project.entity.js';

/** As migrated; a rebuild for another embedder changes the column. */
const EMBEDDING_DIMENSIONS = 768;

/** A stretch of a document. */
@Entity('passages')
@Index('passages_project_idx', ['projectId'])
// Full text, and HNSW over cosine distance: TypeORM can't express them.
@Index('passages_search_idx', { synchronize: false })
@Index('passages_vector_idx', { synchronize: false })
export class PassageEntity {
  @PrimaryColumn('uuid', { name: 'document_id', primaryKeyConstraintName: 'passages_pkey' })
  documentId!: string;

  @ManyToOne(() => DocumentEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'document_id', foreignKeyConstraintName: 'passages_document_fkey' })
  document!: DocumentEntity;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'passages_pkey' })
  position!: number;

  /** The document's, so that a search is bounded to what its caller may see. */
  @Column('uuid', { name: 'project_id', nullable: true })
  projectId!: string | null;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'passages_project_fkey' })
  project!: ProjectEntity | null;

  @Column('text', { array: true })
  headings!: string[];

  /** Title and headings in one, as they are searched and shown. */
  @Column('text')
  heading!: string;

  @Column('text')
  text!: string;

  /** The embedder; null while there is no embedding. */
  @Column('text', { nullable: true })
  model!: string | null;

  @Column('vector', { length: EMBEDDING_DIMENSIONS, nullable: true })
  embedding!: number[] | null;
}
