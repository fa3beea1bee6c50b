// What a sweep's points say: points that differ in their seed only as one, the Pareto front, and which parameter moves a figure most. Points are indices into
// columns.

/// Indices of the points that no other point beats in both figures. @param better per figure: 1 smaller, -1 larger
function pareto_front(first, second, better_first, better_second) {
    const points = first.map((value, i) => ({i: i, a: value * better_first, b: second[i] * better_second}))
                       .filter(point => is_number(first[point.i]) && is_number(second[point.i]))
                       .sort((p, q) => p.a - q.a || p.b - q.b || p.i - q.i);
    const front = [];
    let last = null;
    for (const point of points)
        if (last === null || point.b < last.b || (point.b === last.b && point.a === last.a)) {
            front.push(point.i);
            last = point;
        }
    return front;
}

/// Axes that vary: [{label, columns}]; those that always change together (zipped ones) are one.
function varied_axes(axes) {
    const patterns = new Map();
    for (const axis of axes) {
        const seen = new Map();
        const pattern = axis.values.map(value => {
            const key = JSON.stringify(value);
            if (!seen.has(key))
                seen.set(key, seen.size);
            return seen.get(key);
        });
        if (seen.size < 2)
            continue;
        const key = pattern.join();
        if (!patterns.has(key))
            patterns.set(key, {columns: [], pattern: pattern});
        patterns.get(key).columns.push(axis);
    }
    return [...patterns.values()].map(each => ({
        label: each.columns.map(column => column.key).join(' + '),
        columns: each.columns,
        pattern: each.pattern,
    }));
}

/// For each axis how much larger the largest value is than the smallest, among points that differ in this axis alone:
/// the mean and the largest of such groups, as shares; and how many groups. The axis that moves the figure most comes
/// first.
function sensitivity_of(axes, values) {
    return axes
        .map(axis => {
            const others = axes.filter(other => other !== axis);
            const groups = new Map();
            values.forEach((value, i) => {
                if (!is_number(value))
                    return;
                const key = others.map(other => other.pattern[i]).join();
                const group = groups.get(key);
                if (group === undefined)
                    groups.set(key, {low: value, high: value, points: 1});
                else {
                    group.low = Math.min(group.low, value);
                    group.high = Math.max(group.high, value);
                    ++group.points;
                }
            });
            const spreads = [...groups.values()]
                                .filter(group => group.points > 1 && group.low > 0)
                                .map(group => group.high / group.low - 1);
            return {
                label: axis.label,
                groups: spreads.length,
                mean: spreads.length === 0 ? null : sum(spreads) / spreads.length,
                largest: spreads.length === 0 ? null : spreads.reduce((most, spread) => Math.max(most, spread)),
            };
        })
        .sort((a, b) => (b.mean === null ? -1 : b.mean) - (a.mean === null ? -1 : a.mean));
}

/// Points with the same x become one: [{x, y, points}] in order of x. @param how 'mean', 'smallest' or 'largest'
function reduced(indices, x, y, how) {
    const groups = new Map();
    for (const i of indices) {
        if (!groups.has(x[i]))
            groups.set(x[i], []);
        groups.get(x[i]).push(y[i]);
    }
    const of = values => how === 'mean' ?
        sum(values) / values.length :
        values.reduce((best, value) => how === 'smallest' ? Math.min(best, value) : Math.max(best, value));
    return [...groups]
        .map(([value, values]) => ({x: value, y: of(values), points: values.length}))
        .sort((a, b) => a.x - b.x);
}

/// Points that differ in their seed only: [[i, ...], ...] in order of their first.
function same_but_seed(axes, count) {
    const groups = new Map();
    for (let i = 0; i < count; ++i) {
        const key = JSON.stringify(axes.filter(axis => axis.key !== 'seed').map(axis => axis.values[i]));
        if (!groups.has(key))
            groups.set(key, []);
        groups.get(key).push(i);
    }
    return [...groups.values()];
}

function mean_of(values) { return values.every(is_number) ? sum(values) / values.length : null; }

/// Of a sample; of a single value there is none.
function deviation_of(values) {
    const mean = mean_of(values);
    return mean === null || values.length < 2 ?
        null :
        Math.sqrt(sum(values.map(value => (value - mean) * (value - mean))) / (values.length - 1));
}

/// The column with a value for each group: a figure's mean, and what all points of a group have alike.
function folded(column, groups) {
    const of = members => {
        const values = members.map(i => column.values[i]);
        if (column.role !== 'axis' && column.numeric)
            return mean_of(values);
        return values.every(value => value === values[0]) ? values[0] : null;
    };
    return Object.assign({}, column, {values: groups.map(of), members: groups.map(group => group.map(i => column.values[i]))});
}
