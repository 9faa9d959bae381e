/** How long the previous secret keeps working; `custom` is entered in hours. */
export const OVERLAP_CHOICES = [
  { id: 'now', label: 'Immediately', seconds: 0 },
  { id: 'hour', label: 'In 1 hour', seconds: 3_600 },
  { id: 'day', label: 'In 24 hours', seconds: 86_400 },
  { id: 'week', label: 'In 7 days', seconds: 604_800 },
  { id: 'custom', label: 'Custom', seconds: undefined },
] as const;
