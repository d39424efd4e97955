// Package figure draws charts. A Figure says what a chart shows, in the units
// of its data: panels, axes, marks and labels. Layout turns it into a Scene, in
// points, with every text in a place of its own; a Scene is written as SVG, PNG
// or PDF. Equal figures give equal scenes and equal SVG on every platform.
//
// The package knows nothing of strategies or metrics: package chart does.
package figure

// Size of every figure in points: 16:9, as slides are.
const (
	Width  = 960
	Height = 540
)

// LaneHeight is the height of a row of labels above a plot, in points.
const LaneHeight = 13

// Figure is a chart.
type Figure struct {
	// Title states the finding.
	Title string
	// Subtitle says what is shown.
	Subtitle string
	// Key explains colours and shades that no label explains in place. Lines
	// whose names have no room near them join it.
	Key []Swatch
	// Rows of panels, from top to bottom.
	Rows []Row
	// Notes are the small print: parameters, and how to get the same again.
	Notes []string
	// Alt describes the chart to those who cannot see it.
	Alt string
}

// Swatch is an entry of a key.
type Swatch struct {
	Ink  Ink
	Text string
}

// Row is a row of panels.
type Row struct {
	// Weight is the row's share of the height that is left by rows of a fixed
	// height.
	Weight float64
	// Points is the row's fixed height; 0 for a share.
	Points float64
	Panels []Panel
}

// Panel is one plot, or a table.
type Panel struct {
	// Title stands above the panel, Side in the margin to its left.
	Title, Side string
	Ink         Ink // of the titles; the zero value is Strong
	// Weight is the panel's share of the row's width; 0 counts as 1.
	Weight float64
	X, Y   Axis

	Bands  []Band
	Rules  []Rule
	Boxes  []Box
	Lines  []Line
	Dots   []Dot
	Labels []Label
	// Lanes is how many rows of labels stand between the title and the plot, each
	// LaneHeight high.
	Lanes int
	// Room lists texts that stand to the right of the plot: the widest
	// decides how much space is kept for them.
	Room []string
	// Table, when set, is drawn instead of a plot.
	Table *Table
}

// Axis is one direction of a panel.
type Axis struct {
	Min, Max float64
	// Log spaces by ratio. Min and Max must be above 0.
	Log bool
	// Clock says that an x axis has the time of the run, in milliseconds.
	Clock bool
	// Unit is the unit of the values as the catalogue of metrics has it (ms,
	// bytes, ratio, count, …): it decides how ticks are printed.
	Unit string
	// Ticks to draw instead of computed ones.
	Ticks []Tick
	// Bare hides tick labels and grid, Quiet only the labels.
	Bare, Quiet bool
	// Down lets values grow downwards.
	Down bool
	// Label names the quantity, at the end of the axis.
	Label string
}

// Tick is a labelled position on an axis.
type Tick struct {
	At   float64
	Text string
	Ink  Ink // zero for Muted; ticks with an ink of their own are bold
}

// Band shades a span of the x axis: a fault, a deploy.
type Band struct {
	From, To float64
	Text     string
	Ink      Ink
}

// Rule is a thin line across the panel at Y, or at X if Upright.
type Rule struct {
	At      float64
	Upright bool
	Ink     Ink
	Dashed  bool
}

// Box is a filled rectangle between two corners.
type Box struct {
	X0, Y0, X1, Y1 float64
	Ink            Ink
}

// Line joins points. A Name is put near the line, where there is room, or else
// into the figure's key.
type Line struct {
	Points []Point
	Ink    Ink
	Width  float64 // in points; 0 is 2
	Dashed bool
	// Fill closes the line to a filled area.
	Fill bool
	// Name labels the line in the ink NameInk.
	Name    string
	NameInk Ink
}

// Dot is a filled circle.
type Dot struct {
	At     Point
	Radius float64 // in points
	Ink    Ink
}

// Point is a place in the units of the data, or on the canvas in points.
type Point struct{ X, Y float64 }

// Align says which part of a text stands at its point.
type Align int

// The alignments.
const (
	Start Align = iota
	Middle
	End
)

// Label is a text at a place.
type Label struct {
	At     Point
	Text   string
	Ink    Ink // zero for Strong
	Size   float64
	Bold   bool
	Align  Align
	DX, DY float64 // offset in points, rightwards and downwards
	// Within is the width in data units that the text must fit into; if it
	// does not, it is left out. 0 does not limit it.
	Within float64
	// Optional lets the label be left out where it would cover another or stand
	// outside of its panel.
	Optional bool
}

// Table is a small table of texts, the first column left, the others right.
type Table struct {
	Header []string
	Rows   []TableRow
}

// TableRow is a row in one ink, with a swatch before it.
type TableRow struct {
	Swatch, Ink Ink
	Cells       []string
	Bold        []bool // by cell; may be shorter
}
