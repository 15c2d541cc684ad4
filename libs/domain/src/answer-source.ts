/** Who answered: a model, or the rule analyst (no model configured, affordable or awake). */
export type AnswerSource = 'model' | 'rules';
