import { AppState } from './app-state.js';
import { RepositoryState } from './repository-state.js';
import { WriteState } from './write-state.js';

/** Everything the stand-in remembers. An area keeps what is its own in a file of its own and hangs it in here. */
export class StandInState {
  readonly apps = new AppState();
  readonly writes = new WriteState();
  private readonly repositories = new Map<string, RepositoryState>();
  private lastId = 9_000_000_000;

  constructor(
    readonly apiUrl: string,
    readonly storageUrl: string,
  ) {}

  /** A fresh id, unique in the stand-in. */
  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /** The repository, made when it is new. @param fullName `owner/name` */
  repository(fullName: string): RepositoryState {
    const known = this.find(fullName);
    if (known) return known;
    const made = new RepositoryState(fullName, 186_853_002 + this.repositories.size);
    this.repositories.set(fullName.toLowerCase(), made);
    return made;
  }

  find(fullName: string): RepositoryState | undefined {
    return this.repositories.get(fullName.toLowerCase());
  }

  all(): RepositoryState[] {
    return [...this.repositories.values()];
  }
}
