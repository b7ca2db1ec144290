<?xml version="1.0" encoding="UTF-8"?>
<!-- Reads the application.  Writes the letter as LaTeX. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="latex.xsl"/>
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:strip-space elements="*"/>

  <xsl:template match="/application">
    <xsl:text>\documentclass[11pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage[margin=28mm,top=24mm,bottom=22mm]{geometry}
\usepackage{mathpazo,microtype,xcolor}
\usepackage[hidelinks]{hyperref}
\pdfinfoomitdate=1 \pdftrailerid{} % the same input gives the same file
\definecolor{accent}{HTML}{1F4E79}
\pagestyle{empty}
\setlength{\parindent}{0pt}
\setlength{\parskip}{7pt plus 2pt}
\linespread{1.08}
\begin{document}
</xsl:text>
    <xsl:apply-templates select="header"/>
    <xsl:apply-templates select="letter"/>
    <xsl:text>\end{document}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="header">
    <xsl:text>\hypersetup{pdfauthor={</xsl:text>
    <xsl:apply-templates select="name"/>
    <xsl:text>},pdftitle={</xsl:text>
    <xsl:apply-templates select="../letter/subject"/>
    <xsl:text>}}&#10;{\Large\bfseries </xsl:text>
    <xsl:apply-templates select="name"/>
    <xsl:text>\par}\vspace{-3pt}&#10;{\small\color{accent}</xsl:text>
    <xsl:for-each select="city | phone | email">
      <xsl:if test="position() > 1"> · </xsl:if>
      <xsl:apply-templates/>
    </xsl:for-each>
    <xsl:text>\par}\vspace{28pt}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="letter">
    <xsl:for-each select="to"><xsl:apply-templates/>\\<xsl:text>&#10;</xsl:text></xsl:for-each>
    <xsl:text>\par\vspace{14pt}&#10;</xsl:text>
    <xsl:if test="@date != ''">
      <xsl:text>\hfill </xsl:text>
      <xsl:apply-templates select="@date"/>
      <xsl:text>\par\vspace{6pt}&#10;</xsl:text>
    </xsl:if>
    <xsl:text>\textbf{</xsl:text><xsl:apply-templates select="subject"/>
    <xsl:text>}\par\vspace{10pt}&#10;</xsl:text>
    <xsl:apply-templates select="greeting"/><xsl:text>\par&#10;</xsl:text>
    <xsl:for-each select="paragraph"><xsl:apply-templates/>\par<xsl:text>&#10;</xsl:text></xsl:for-each>
    <xsl:text>\vspace{8pt}Kind regards,\par\vspace{26pt}&#10;</xsl:text>
    <xsl:apply-templates select="signature"/>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>
</xsl:stylesheet>
