// A section: heading, what it says, choices, chart, and the table whose numbers the chart draws.
//
// A table is {caption, head, heat, by_middle, columns: [{label, unit}], rows: [{name, values, total}]}: values are the data's own
// numbers in the column's unit (or texts, without one); they are scaled where they are shown, and kept in data-value
// and in the CSV.

/// One scale a unit, so that columns can be compared: of the largest value, or of the middle one where few are far above it;
/// returns the scale of each column.
function scales_of(table) {
    return table.columns.map(column => {
        if (column.unit === undefined)
            return null;
        const alike =
            table.columns.map((other, i) => other.unit === column.unit && (!column.alone || other === column) ? i : -1);
        const sizes = table.rows.flatMap(
            row => alike.filter(i => i >= 0 && is_number(row.values[i])).map(i => Math.abs(row.values[i])));
        return scale_of(column.unit, table.by_middle ? middle_of(sizes) : Math.max(0, ...sizes));
    });
}

function table_element(table) {
    const scales = scales_of(table);
    const units = new Set(scales.filter(scale => scale !== null).map(scale => scale.unit));
    const one_unit = units.size === 1 && scales.every(scale => scale !== null) ? [...units][0] : '';
    const headings = table.columns.map(
        (column, i) => make('th', {scope: 'col', class: column.unit === undefined ? 'text' : null},
            one_unit === '' && scales[i] !== null ? with_unit(column.label, scales[i].unit) : column.label));
    const whole = table.columns.map((column, i) => table.rows.every(row => !is_number(row.values[i]) ||
                                            scales[i] === null || Number.isInteger(row.values[i] * scales[i].factor)));
    const heat = table.columns.map((column, i) => table.heat ? heat_of(table.rows, i) : () => null);
    const body = table.rows.map(
        row => make('tr', {class: row.total ? 'total' : null}, make('th', {scope: 'row', title: row.name}, row.name),
            ...table.columns.map((column, i) => {
                const value = row.values[i];
                if (!is_number(value))
                    return make('td', {class: column.wide ? 'text wide' :
                            column.unit === undefined     ? 'text' :
                                                            null},
                        value === undefined || value === null ? '-' : String(value));
                const scale = scales[i] || {factor: 1};
                const colour = heat[i](value);
                return make('td', {'data-value': value, style: colour === null ? null : 'background:' + colour},
                    shown_number(value * scale.factor, whole[i]));
            })));
    return make('table', {class: table.columns.length > 12 ? 'many' : null},
        make('caption', {}, with_unit(table.caption, one_unit)),
        make('thead', {}, make('tr', {}, make('th', {scope: 'col'}, table.head), ...headings)),
        make('tbody', {}, ...body));
}

function table_rows(table) {
    const heading = column => column.label + (column.unit ? ' (' + column.unit + ')' : '');
    return [[table.head, ...table.columns.map(heading)], ...table.rows.map(row => [row.name, ...row.values])];
}

function download_button(name, rows_of) {
    const button = make('button', {type: 'button'}, 'Download CSV');
    button.addEventListener('click', () => {
        const link =
            make('a', {download: name, href: URL.createObjectURL(new Blob([csv_of(rows_of())], {type: 'text/csv'}))});
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    return button;
}

function choice_element(choice, state, changed) {
    const list = make(
        'select', {name: choice.id}, ...choice.options.map(([value, text]) => make('option', {value: value}, text)));
    list.value = state[choice.id] = choice.value === undefined ? choice.options[0][0] : choice.value;
    list.addEventListener('change', () => {
        state[choice.id] = list.value;
        changed(choice.id, state);
    });
    return make('label', {}, choice.label, list);
}

/// What names in a table mean, where the counters' own table says it.
function names_element(names) {
    return names.length === 0 ?
        null :
        make('details', {}, make('summary', {}, 'What the names mean'),
            make('dl', {class: 'names'},
                ...names.flatMap(([name, text]) => [make('dt', {}, name), make('dd', {}, text)])));
}

/// draw(state) returns {conclusion, table, chart, height, names, full}: chart is a Chart.js configuration or absent,
/// full a function that makes a longer table for the CSV. It runs again at every choice and change of theme. A choice
/// with only one option is left out.
function add_section(id, title, text, choices, draw) {
    const state = {};
    const conclusion = make('p', {});
    const canvas = make('canvas', {role: 'img'});
    const frame = make('div', {class: 'chart'}, canvas);
    const below = make('div', {});
    let chart = null, shown = null;
    const redraw = () => {
        shown = draw(state);
        if (chart !== null)
            chart.destroy();
        chart = null;
        frame.hidden = !shown.chart;
        conclusion.textContent = shown.conclusion || '';
        if (shown.chart) {
            frame.style.height = (shown.height || 340) + 'px';
            canvas.setAttribute(
                'aria-label', title + '. ' + (shown.conclusion || '') + ' The table below has the numbers.');
            chart = new Chart(canvas, shown.chart);
        }
        below.replaceChildren(make('div', {class: 'scroll', tabindex: 0}, table_element(shown.table)),
            ...[names_element(shown.names || [])].filter(element => element !== null));
    };
    const controls = choices.map(choice => [choice, choice_element(choice, state, redraw)])
                         .filter(([choice]) => choice.options.length > 1)
                         .map(([, element]) => element);
    document.getElementById('report').append(
        make('section', {id: id}, make('h2', {}, title), conclusion, text ? make('p', {}, text) : null,
            controls.length > 0 ? make('div', {class: 'choices'}, ...controls) : null, frame, below,
            download_button(
                file_name(document.title, id) + '.csv', () => table_rows(shown.full ? shown.full() : shown.table))));
    redraws.push(redraw);
    redraw();
}

/// The columns of a table as series for a chart: the largest ones, and the rest as one.
function series_of(table, rows) {
    const all = table.columns.map((column, i) => ({label: column.label, values: rows.map(row => row.values[i] || 0)}))
                    .filter(each => sum(each.values) > 0);
    if (all.length <= named_colours)
        return all;
    const by_size = all.slice(1).sort((a, b) => sum(b.values) - sum(a.values));
    const kept = new Set([all[0], ...by_size.slice(0, named_colours - 1)]);  // the first one is what a section is about
    const named = all.filter(each => kept.has(each)), rest = all.filter(each => !kept.has(each));
    return [
        ...named, {
            label: rest.length === 1 ? rest[0].label : rest.length + ' smaller ones',
            other: true,
            values: rows.map((row, i) => sum(rest.map(each => each.values[i]))),
        }
    ];
}

/// A long label in lines of about so many letters, three at most.
function in_lines(text, letters) {
    const lines = [];
    for (const word of text.split(' '))
        if (lines.length > 0 && (lines[lines.length - 1] + ' ' + word).length <= letters)
            lines[lines.length - 1] += ' ' + word;
        else
            lines.push(word.slice(0, 2 * letters));
    return lines.slice(0, 3);
}

/// Bars of the rows of a table, its columns stacked. All columns have one unit.
function stacked_chart(table) {
    const layers = table.rows.filter(row => !row.total || table.with_total);
    const rows = layers.length > 0 ? layers : table.rows;
    const series = series_of(table, rows);
    const largest = Math.max(0, ...rows.map((row, i) => sum(series.map(each => each.values[i]))));
    const scale = scale_of(table.columns[0].unit, largest);
    const options =
        chart_options(item => item.dataset.label + ': ' + shown_number(item.raw) + (scale.unit ? ' ' + scale.unit : ''),
            {indexAxis: 'y'});
    options.scales = {
        x: number_axis(with_unit(table.axis, scale.unit),
            {stacked: true, max: scale.unit === '%' && largest <= 1.0000001 ? 100 : undefined}),
        y: {
            stacked: true,
            grid: {display: false},
            ticks: {
                autoSkip: false,
                callback(value) { return this.getLabelForValue(value).slice(0, innerWidth < 600 ? 12 : 24); }
            }
        },
    };
    return {
        height: 130 + 34 * rows.length + (innerWidth < 600 ? 22 * series.length : 0),
        chart: {
            type: 'bar',
            options: options,
            data: {
                labels: rows.map(row => row.name),
                datasets: series.map((each, i) => ({
                    label: each.label,
                    data: each.values.map(value => value * scale.factor),
                    backgroundColor: each.other ? css_colour('other') : series_colour(i),
                    borderColor: css_colour('panel'),
                    borderWidth: {right: 1},
                    maxBarThickness: 26,
                })),
            }
        },
    };
}

/// Bars side by side: the rows of a table are the groups, its columns the bars. Unit: of the values.
function grouped_chart(table, unit) {
    const largest =
        Math.max(0, ...table.rows.map(row => Math.max(...row.values.map(value => is_number(value) ? value : 0))));
    const scale = scale_of(unit, largest);
    const options = chart_options(
        item => item.dataset.label + ': ' + shown_number(item.raw) + (scale.unit ? ' ' + scale.unit : ''));
    options.scales = {
        x: {
            grid: {display: false},
            ticks: {autoSkip: false, callback(value) { return in_lines(this.getLabelForValue(value), 12); }}
        },
        y: number_axis(with_unit(table.axis, scale.unit), {beginAtZero: true}),
    };
    options.plugins.legend.display = table.columns.length > 1;
    return {
        height: 360,
        chart: {
            type: 'bar',
            options: options,
            data: {
                labels: table.rows.map(row => row.name),
                datasets: table.columns.map((column, i) => ({
                    label: column.label,
                    data: table.rows.map(row => is_number(row.values[i]) ? row.values[i] * scale.factor : null),
                    backgroundColor: series_colour(i),
                    borderWidth: 0,
                    maxBarThickness: 48,
                })),
            }
        },
    };
}
