/**
 * How old events become today's exit events. Source: facts of falcosecurity/libs,
 * userspace/libscap/engine/savefile/converter/table.cpp (Apache-2.0).
 */

/** Where a parameter of the new event comes from. */
export type Source = {
  readonly from: 'own' | 'enter' | 'empty' | 'default';
  /** Position in the old event, or in its enter event. */
  readonly at: number;
  /** Type of the enter event; -1 when none is asked. */
  readonly enter: number;
  /** What stands in for a parameter of an enter event that was not seen. */
  readonly missing: 'empty' | 'default';
};

export type Conversion = {
  readonly to: number;
  /** Parameters before this position are the event's own, in their order. */
  readonly first: number;
  readonly sources: readonly Source[];
};

/**
 * Parameters that were added to an exit event later: `id@position source…`. `e1` is parameter 1 of the enter
 * event, or else the type's default; `f1` the same, or else empty; `-` is empty and `0` the default.
 */
const ADDED = `
1@1 f1
3@4 - -
5@1 e0
7@2 e0 e1
9@2 e0 e1
19@1 e0 e1 e2 -
21@2 e0
23@2 e0 e1
25@1 e0 e1
29@2 e0 e1 0
31@2 e0 e1 e2
33@2 e0 e1 0
35@3 e0 e1
37@1 e0 e1
43@5 e0 e1 e2
49@2 e0 e1 e2
51@0 0 - - - -
53@4 0 e0
55@0 0 - - - - -
59@3 - - -
63@1 e0 e1
65@1 e0 e1 e2
71@1 e0
79@1 e0
81@2 e1
87@1 e0 e1 e2
89@1 e0 e1 e2
97@1 f0
113@2 e0 e1 e2
115@2 e0 e1 e2
117@3 e0
119@2 e0 e1
121@3 e0 e1
123@2 e0 e1 e2
127@1 e0 e1 e2
129@1 e0 e1
131@1 e0 e1
133@1 e0 e1 e2
135@1 e0
137@1 e0 e1
139@1 e0
141@3 e0
143@3 e0
145@5 f0 f1
151@1 e0 e1 -
159@4 f0
161@4 e0 e1 e2 e3 e4 e5
163@4 e0 e1 e2 e3 e4 e5
165@4 e0 e1
167@1 e0 e1 e2 e3
169@0 - - - f0 f1
171@1 e0 e1 e2
189@2 e0 e1 e3
191@14 e0 e1 e2 e3
193@1 f0 f1 f2
195@1 f0 f1 f2
199@1 f0
201@1 f0
223@20 -
225@20 -
227@20 -
237@1 e0
239@1 e0
241@1 f0 f1
243@1 e0 e1
251@8 e0
253@1 e0 e1 e2 e3
255@2 e1 e2
257@4 e0
263@1 e0 e1 e2
265@2 e0
277@2 f0
285@1 e0
293@18 - - - - - - - - - - - - f0
295@1 f0 f1
299@1 e0 e1
307@5 - -
327@6 - -
329@1 e0 e1 e2
331@19 - - - - - - - - - - -
333@3 e0 e1 e2
335@20 -
375@1 e0
377@1 e0
389@5 e0
391@2 e0
397@2 e0
399@2 e0 e1
`;

/** Events whose type changed: `old>new source…`; `o1` is the old event's own parameter 1, `o0-7` are several. */
const CHANGED = `
11>159 o0 f0 - - -
13>293 o0-7 - - - - - - - - - -
155>293 o0-12 - - - - -
173>293 o0-12 - - o13 - -
215>293 o0-13 - o14 - -
231>293 o0-15 - -
283>293 o0-16 -
289>293 o0-16 -
15>223 o0-7 - - - - - - - o8-10 - -
157>223 o0-12 - - o13-15 - -
217>223 o0-13 - o14-16 - -
183>225 o0-12 - - o13-15 - -
219>225 o0-13 - o14-16 - -
185>227 o0-12 - - o13-15 - -
221>227 o0-13 - o14-16 - -
16>186 - - - - -
27>247 o0-2 0 0
57>389 o0-2 0 0 e0
249>389 o0-4 e0
85>83 o0
91>171 o0 f0 f1 -
99>277 o0 f0 f1
101>279 o0 f0
103>307 o0 f0 f1 f2 f3 - -
105>309 o0 f0 f1
107>311 o0 f0 f1 f2 f3 -
109>301 o0 f0
111>303 o0 f0 f1 -
125>367 o0 f0
146>152 o0 - - - - -
259>387 o0-1
272>324 o0
297>369 o0 f0
12>292 -
154>292 -
172>292 -
214>292 -
230>292 -
282>292 -
288>292 o0
`;

function sourcesOf(word: string, enter: number): readonly Source[] {
  if (word === '-') return [{ from: 'empty', at: 0, enter: -1, missing: 'empty' }];
  if (word === '0') return [{ from: 'default', at: 0, enter: -1, missing: 'default' }];
  const [first = 0, last = first] = word.slice(1).split('-').map(Number);
  const own = word.startsWith('o');
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    from: own ? 'own' : 'enter',
    at: first + i,
    enter: own ? -1 : enter,
    missing: word.startsWith('e') ? 'default' : 'empty',
  }));
}

function lines(text: string): readonly (readonly string[])[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
}

/** Conversion of each event id that has one; index = id. */
export function conversions(): readonly (Conversion | undefined)[] {
  const all = Array<Conversion | undefined>(512).fill(undefined);
  for (const [head = '', ...words] of lines(ADDED)) {
    const [id = 0, first = 0] = head.split('@').map(Number);
    all[id] = { to: id, first, sources: words.flatMap((word) => sourcesOf(word, id - 1)) };
  }
  for (const [head = '', ...words] of lines(CHANGED)) {
    const [id = 0, to = 0] = head.split('>').map(Number);
    const sources = words.flatMap((word) => sourcesOf(word, id - 1));
    // What was added to the new type later follows.
    const more = all[to];
    if (more !== undefined) sources.push(...more.sources.slice(sources.length - more.first));
    all[id] = { to, first: 0, sources };
  }
  return all;
}
