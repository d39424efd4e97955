package report

import (
	"fmt"
	"io"
	"strings"

	"protosim/model/result"
)

// Markdown writes the results for a pull request: the findings, the tables,
// and how to get the pictures.
func Markdown(w io.Writer, results ...*result.Result) error {
	r, err := newReport(results, false)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, s := range r.Sections {
		s.markdown(&b)
	}
	b.WriteString("<details><summary>What the metrics mean</summary>\n\n")
	for _, m := range r.Glossary {
		fmt.Fprintf(&b, "- **%s** (`%s`): %s\n", m.Label, m.Name, plain(m.Meaning))
	}
	b.WriteString("\n</details>\n\n<details><summary>What the model leaves out</summary>\n\n")
	for _, text := range r.LeftOut {
		fmt.Fprintf(&b, "- %s\n", text)
	}
	fmt.Fprintf(&b, "\n</details>\n\nprotosim %s\n", plain(r.Versions))
	_, err = io.WriteString(w, b.String())
	return err
}

func (s *section) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", plain(s.Question))
	if s.Partial {
		b.WriteString("**Partial: the simulation was interrupted.**\n\n")
	}
	if s.Finding != "" {
		fmt.Fprintf(b, "**%s**\n\n", plain(s.Finding))
	}
	fmt.Fprintf(b, "%s\n\nSimulated: %s.\n\n", plain(s.Description), plain(s.TopologyText))

	b.WriteString("| |")
	for _, strategy := range s.Strategies {
		fmt.Fprintf(b, " %s |", strategy)
	}
	b.WriteString(" best |\n|---|" + strings.Repeat("---:|", len(s.Strategies)) + "---|\n")
	for _, g := range s.Groups {
		fmt.Fprintf(b, "| **%s** |%s |\n", g.Title, strings.Repeat(" |", len(s.Strategies)))
		for _, row := range g.Rows {
			fmt.Fprintf(b, "| %s |", plain(row.Label))
			for _, c := range row.Cells {
				text := c.Text
				if c.Best {
					text = "**" + text + "**"
				}
				fmt.Fprintf(b, " %s |", text)
			}
			fmt.Fprintf(b, " %s |\n", row.Verdict)
		}
	}
	b.WriteString("\n")
	if s.Replicated > 0 {
		fmt.Fprintf(b, "Means over %d seeds ± half-width of the 95 %% confidence interval.\n\n", s.Replicated)
	}
	for _, c := range s.Charts {
		fmt.Fprintf(b, "- %s: %s\n", c.Kind, plain(c.Finding))
	}
	if len(s.Expectations) > 0 {
		b.WriteString("\n### Expectations\n\n")
	}
	for _, e := range s.Expectations {
		mark := "❌"
		switch {
		case e.Skipped:
			mark = "➖"
		case e.Held:
			mark = "✅"
		}
		fmt.Fprintf(b, "- %s `%s` (%s)\n", mark, e.Expr, plain(e.Reason))
	}
	fmt.Fprintf(b, "\n### Reproduce\n\n```sh\n%s\n```\n\n", s.Command)
	if !s.FromLibrary {
		fmt.Fprintf(b, "<details><summary>%s.yaml</summary>\n\n`````yaml\n%s`````\n\n</details>\n\n", s.Name, s.YAML)
	}
	for _, d := range s.Digests {
		fmt.Fprintf(b, "- %s `%s`\n", d.Name, d.Value)
	}
	b.WriteString("\n")
}

// plain makes text stand for itself in Markdown.
func plain(text string) string {
	return strings.NewReplacer("\n", " ", "\\", "\\\\", "|", "\\|", "<", "&lt;", "*", "\\*", "`", "\\`").Replace(text)
}
