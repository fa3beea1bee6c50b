// The points of a sweep: the best ones, and what moves a figure most.

/// {figures, varied, index, seeds}: seeds has of each point how many there were of it; `alone` has each by itself.
let sweep = null;

function column_label(column) { return with_unit(column.label, column.unit); }

function read_sweep_columns() {
    const columns = data.sweep.columns.map(column => {
        const numeric =
            column.values.some(is_number) && column.values.every(value => value === null || is_number(value));
        const known = column.role === 'figure' ? figure_of(column.key) : {
            label: column.role === 'axis' ? column.key : words_of(column.key),
            unit: column.role === 'axis' ? at(data.names.parameters, column.key, 'unit') || '' : ''
        };
        return Object.assign({numeric: numeric}, known, column);
    });
    const points_of = (all, index, seeds) => ({
        varied: varied_axes(all.filter(column => column.role === 'axis')),
        index: index,
        seeds: seeds,
        figures: all.filter(
            column => column.role !== 'axis' && column.numeric && column.values.some(value => value !== 0)),
    });
    const groups = same_but_seed(columns.filter(column => column.role === 'axis'), data.sweep.index.length);
    sweep = points_of(columns.filter(column => column.role !== 'axis' || column.key !== 'seed')
                          .map(column => folded(column, groups)),
        groups.map(group => data.sweep.index[group[0]]), groups.map(group => group.length));
    sweep.alone = points_of(columns, data.sweep.index, null);
}

/// Luck is compared with luck unless the seeds of a point are taken together.
function has_seeds() { return sweep.seeds.some(seeds => seeds > 1); }

/// The figure a reader wants first, among those that are there.
function figure_by_key(key) { return sweep.figures.find(figure => figure.key === key) || sweep.figures[0]; }

function figure_choice(id, label, key) {
    const chosen = figure_by_key(key);
    return {
        id: id,
        label: label,
        options: sweep.figures.map((figure, i) => [String(i), column_label(figure)]),
        value: String(sweep.figures.indexOf(chosen))
    };
}

function axes_text(i) {
    return sweep.varied.flatMap(axis => axis.columns).map(column => column.key + '=' + column.values[i]).join(' ');
}

/// How far seeds are apart in a figure.
function deviation_column(figure) {
    return {
        label: 'deviation of ' + figure.label,
        unit: figure.unit,
        values: figure.members.map(deviation_of),
    };
}

/// Rows of points with what they vary and the given figures, the first of them with its deviation.
function points_table(caption, points, given) {
    const axes = sweep.varied.flatMap(axis => axis.columns);
    const figures = has_seeds() ?
        [{label: 'seeds', unit: '', values: sweep.seeds}, given[0], deviation_column(given[0]), ...given.slice(1)] :
        given;
    return {
        caption: caption,
        head: 'point',
        columns: [
            ...axes.map(axis => ({label: axis.key, unit: axis.numeric ? axis.unit : undefined, alone: true})),
            ...figures.map(figure => ({label: figure.label, unit: figure.unit, alone: true}))
        ],
        rows: points.map(i => ({
            name: String(sweep.index[i]),
            values: [
                ...axes.map(axis => typeof axis.values[i] === 'boolean' ? String(axis.values[i]) : axis.values[i]),
                ...figures.map(figure => figure.values[i])
            ]
        })),
    };
}

function best_points(figure, most) {
    const sign = larger_is_better(figure.key) ? -1 : 1;
    return figure.values.map((value, i) => i)
        .filter(i => is_number(figure.values[i]))
        .sort((a, b) => sign * (figure.values[a] - figure.values[b]) || a - b)
        .slice(0, most);
}

/// "7,940 cycles at tppe.count=16", of several seeds with their mean and how many.
function best_text(figure, i) {
    return shown_with_unit(figure.values[i], figure.unit) +
        (sweep.seeds[i] > 1 ? ' (mean of ' + sweep.seeds[i] + ' seeds, deviation ' +
                    shown_with_unit(deviation_of(figure.members[i]), figure.unit) + ')' : '') +
        (axes_text(i) === '' ? '' : ' at ' + axes_text(i));
}

function best_section() {
    add_section('best', 'The best points', null, [figure_choice('figure', 'by', 'totals.cycles')], state => {
        const figure = sweep.figures[Number(state.figure)], points = best_points(figure, 10);
        return {
            conclusion: points.length === 0 ? '' :
                                              (larger_is_better(figure.key) ? 'Largest ' : 'Smallest ') + figure.label +
                    ': ' + best_text(figure, points[0]) + '.',
            table: points_table('The ten best by ' + figure.label, points,
                [figure, ...sweep.figures.filter(other => other !== figure)]),
            full: () => points_table('All points by ' + figure.label, best_points(figure, sweep.index.length),
                [figure, ...sweep.figures.filter(other => other !== figure)]),
        };
    });
}

function sensitivity_section() {
    if (sweep.alone.varied.length === 0)
        return;
    add_section('sensitivity', 'What moves it most',
        'How much larger the largest value is than the smallest, among points that differ in this parameter alone; ' +
            'the mean over all such groups of points.',
        [figure_choice('figure', 'figure', 'totals.cycles')], state => {
            const figure = sweep.figures[Number(state.figure)];
            const each = sweep.alone.figures.find(column => column.key === figure.key); // a seed moves it, too
            const found = sensitivity_of(sweep.alone.varied, each.values);
            const table = {
                caption: 'Change of ' + figure.label + ' by parameter',
                head: 'parameter',
                axis: 'Change of ' + figure.label,
                columns: [
                    {label: 'mean change', unit: 'share'}, {label: 'largest change', unit: 'share'},
                    {label: 'groups of points', unit: ''}
                ],
                rows: found.map(each => ({name: each.label, values: [each.mean, each.largest, each.groups]})),
            };
            if (found[0].mean === null || found[0].mean === 0)
                return {
                    table: table,
                    conclusion: found[0].mean === null ? 'No two points differ in one parameter alone.' :
                                                         'No parameter moves ' + figure.label + '.',
                };
            const bars = Object.assign({}, table, {
                columns: table.columns.slice(0, 1),
                rows: table.rows.map(row => ({name: row.name, values: row.values.slice(0, 1)})),
            });
            const result = stacked_chart(bars);
            result.chart.options.plugins.legend.display = false;
            delete result.chart.options.scales.x.max;
            return Object.assign(result, {
                table: table,
                conclusion: found[0].label + ' moves ' + figure.label + ' most: by ' + shown_percent(found[0].mean) +
                    ' in the mean.',
            });
        });
}

function not_ok_section() {
    if (data.sweep.not_ok.length === 0)
        return;
    add_section('not_ok', 'Points that are not ok', 'They are in no chart.', [], () => ({
        table: {
            caption: 'The first ones',
            head: 'point',
            columns: [{label: 'status'}, {label: 'values', wide: true}, {label: 'reason', wide: true}],
            rows: data.sweep.not_ok.map(
                point => ({name: String(point.index), values: [point.status, point.axes, point.reason]})),
        }
    }));
}

function sweep_conclusion() {
    const cycles = sweep.figures.length > 0 ? figure_by_key('totals.cycles') : null;
    const best = cycles === null ? [] : best_points(cycles, 1);
    if (best.length === 0)
        return 'No point is ok.';
    const each = sweep.alone.figures.find(column => column.key === cycles.key);
    const moved = sensitivity_of(sweep.alone.varied, each.values).filter(each => each.mean !== null);
    return (larger_is_better(cycles.key) ? 'Most ' : 'Fewest ') + cycles.label + ': ' +
        best_text(cycles, best[0]) +
        (moved.length === 0 ? '.' : '; ' + moved[0].label + ' moves it most.');
}

/// "tppe.count 4..64 (5 values), ...".
function sweep_words() {
    return sweep.alone.varied.flatMap(axis => axis.columns)
        .map(column => {
            const values = [...new Set(column.values)];
            const range = column.numeric ?
                values.reduce((a, b) => Math.min(a, b)) + '..' + values.reduce((a, b) => Math.max(a, b)) :
                values.slice(0, 4).join(', ') + (values.length > 4 ? ', ...' : '');
            return column.key + ' ' + range + (values.length > 2 ? ' (' + values.length + ' values)' : '');
        })
        .join('; ');
}

function show_sweep() {
    read_sweep_columns();
    const cards = [
        make('div', {}, make('dt', {}, 'Points'),
            make('dd', {},
                grouped.format(sum(Object.values(data.sweep.statuses))) +
                    (data.sweep.points === null ? '' : ' of ' + grouped.format(data.sweep.points)))),
        ...Object.entries(data.sweep.statuses)
            .map(([status, count]) => make('div', {}, make('dt', {}, status),
                     make('dd', {class: status === 'ok' ? 'good' : 'bad'}, grouped.format(count))))
    ];
    if (has_seeds())
        cards.push(make('div', {}, make('dt', {}, 'seeds taken together'), make('dd', {}, grouped.format(sweep.index.length))));
    document.getElementById('report').append(make('section', {id: 'summary'},
        make('p', {id: 'conclusion'}, sweep_conclusion()), make('dl', {class: 'tiles'}, ...cards)));
    not_ok_section();
    if (sweep.index.length === 0 || sweep.figures.length === 0)
        return;
    best_section();
    explorer_section();
    pareto_section();
    sensitivity_section();
}
