// The points of a sweep: the best ones, and what moves a figure most.

let sweep = null;  // {columns, axes, figures, varied, index}

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
    const axes = columns.filter(column => column.role === 'axis');
    sweep = {
        columns: columns,
        axes: axes,
        varied: varied_axes(axes),
        index: data.sweep.index,
        figures: columns.filter(
            column => column.role !== 'axis' && column.numeric && column.values.some(value => value !== 0)),
    };
}

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

/// Rows of points with what they vary and the given figures.
function points_table(caption, points, figures) {
    const axes = sweep.varied.flatMap(axis => axis.columns);
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

function best_section() {
    add_section('best', 'The best points', null, [figure_choice('figure', 'by', 'totals.cycles')], state => {
        const figure = sweep.figures[Number(state.figure)], points = best_points(figure, 10);
        return {
            conclusion: points.length === 0 ? '' :
                                              (larger_is_better(figure.key) ? 'Largest ' : 'Smallest ') + figure.label +
                    ': ' + shown_with_unit(figure.values[points[0]], figure.unit) + ' at ' + axes_text(points[0]) + '.',
            table: points_table('The ten best by ' + figure.label, points,
                [figure, ...sweep.figures.filter(other => other !== figure)]),
            full: () => points_table('All points by ' + figure.label, best_points(figure, sweep.index.length),
                [figure, ...sweep.figures.filter(other => other !== figure)]),
        };
    });
}

function sensitivity_section() {
    if (sweep.varied.length === 0)
        return;
    add_section('sensitivity', 'What moves it most',
        'How much larger the largest value is than the smallest, among points that differ in this parameter alone; ' +
            'the mean over all such groups of points.',
        [figure_choice('figure', 'figure', 'totals.cycles')], state => {
            const figure = sweep.figures[Number(state.figure)];
            const found = sensitivity_of(sweep.varied, figure.values);
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
    const moved = sensitivity_of(sweep.varied, cycles.values).filter(each => each.mean !== null);
    return (larger_is_better(cycles.key) ? 'Most ' : 'Fewest ') + cycles.label + ': ' +
        shown_with_unit(cycles.values[best[0]], cycles.unit) + ' at ' + axes_text(best[0]) +
        (moved.length === 0 ? '.' : '; ' + moved[0].label + ' moves it most.');
}

/// "tppe.count 4..64 (5 values), ...".
function sweep_words() {
    return sweep.varied.flatMap(axis => axis.columns)
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
