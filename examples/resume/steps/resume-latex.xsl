<?xml version="1.0" encoding="UTF-8"?>
<!-- Reads the application.  Writes the résumé as LaTeX. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="latex.xsl"/>
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:strip-space elements="*"/>

  <xsl:template match="/application">
    <xsl:text>\documentclass[10pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage[margin=17mm,top=15mm,bottom=14mm]{geometry}
\usepackage{mathpazo,microtype,xcolor}
\usepackage[hidelinks]{hyperref}
\pdfinfoomitdate=1 \pdftrailerid{} % the same input gives the same file
\definecolor{accent}{HTML}{1F4E79}
\pagestyle{empty}
\setlength{\parindent}{0pt}
\raggedright
\newcommand{\heading}[1]{\par\vspace{10pt}{\color{accent}\bfseries\textls[60]{\MakeUppercase{#1}}\par
  \vspace{-7pt}\rule{\linewidth}{0.4pt}\par}\vspace{2pt}}
\newcommand{\position}[3]{\par\vspace{4.5pt}\textbf{#1}, #2\hfill{\small #3}\par\vspace{1pt}}
\newcommand{\point}[1]{\par\hangindent=1.2em\hangafter=1\makebox[1.2em][l]{\kern.25em\textbullet}#1\par\vspace{1.6pt}}
\begin{document}
</xsl:text>
    <xsl:apply-templates select="header"/>
    <xsl:text>\heading{Summary}&#10;</xsl:text>
    <xsl:for-each select="summary/sentence">
      <xsl:apply-templates/>
      <xsl:text>&#10;</xsl:text>
    </xsl:for-each>
    <xsl:text>\heading{Experience}&#10;</xsl:text>
    <xsl:apply-templates select="experiences/experience"/>
    <xsl:if test="projects/project">
      <xsl:text>\heading{Projects}&#10;</xsl:text>
      <xsl:apply-templates select="projects/project"/>
    </xsl:if>
    <xsl:if test="skills/group">
      <xsl:text>\heading{Skills}&#10;</xsl:text>
      <xsl:apply-templates select="skills/group"/>
    </xsl:if>
    <xsl:text>\heading{Education and languages}&#10;</xsl:text>
    <xsl:apply-templates select="education/degree"/>
    <xsl:text>\par\vspace{3pt}\textbf{Languages:} </xsl:text>
    <xsl:for-each select="education/language">
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:apply-templates/> – <xsl:apply-templates select="@level"/>
    </xsl:for-each>
    <xsl:text>&#10;\end{document}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="header">
    <xsl:text>\hypersetup{pdfauthor={</xsl:text>
    <xsl:apply-templates select="name"/>
    <xsl:text>},pdftitle={</xsl:text>
    <xsl:apply-templates select="name"/> – <xsl:apply-templates select="headline"/>
    <xsl:text>}}&#10;{\LARGE\bfseries </xsl:text>
    <xsl:apply-templates select="name"/>
    <xsl:text>\par}\vspace{3pt}&#10;{\large\color{accent}</xsl:text>
    <xsl:apply-templates select="headline"/>
    <xsl:for-each select="focus"> · <xsl:apply-templates/></xsl:for-each>
    <xsl:text>\par}\vspace{3pt}&#10;{\small </xsl:text>
    <xsl:for-each select="city | phone | email | link">
      <xsl:if test="position() > 1"> · </xsl:if>
      <xsl:apply-templates select="."/>
    </xsl:for-each>
    <xsl:text>\par}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="email">
    <xsl:text>\href{mailto:</xsl:text><xsl:apply-templates mode="url"/>}{<xsl:apply-templates/>}<xsl:text/>
  </xsl:template>
  <xsl:template match="link">
    <xsl:text>\href{https://</xsl:text><xsl:apply-templates mode="url"/>}{<xsl:apply-templates/>}<xsl:text/>
  </xsl:template>

  <xsl:template match="experience">
    <xsl:text>\position{</xsl:text><xsl:apply-templates select="title"/>
    <xsl:text>}{</xsl:text><xsl:apply-templates select="employer"/>, <xsl:apply-templates select="place"/>
    <xsl:text>}{</xsl:text><xsl:apply-templates select="@span"/>
    <xsl:text>}&#10;</xsl:text>
    <xsl:for-each select="bullet">
      <xsl:text>\point{</xsl:text><xsl:apply-templates/><xsl:text>}&#10;</xsl:text>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="project">
    <xsl:text>\point{\textbf{</xsl:text><xsl:apply-templates select="name"/>
    <xsl:text>} (</xsl:text><xsl:apply-templates select="@year"/>
    <xsl:text>). </xsl:text><xsl:apply-templates select="text"/>
    <xsl:text> \href{https://</xsl:text><xsl:apply-templates select="@link" mode="url"/>
    <xsl:text>}{\small </xsl:text><xsl:apply-templates select="@link"/>
    <xsl:text>}}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="group">
    <xsl:text>\par\textbf{</xsl:text><xsl:apply-templates select="@title"/><xsl:text>:} </xsl:text>
    <xsl:for-each select="skill">
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:apply-templates/>
    </xsl:for-each>
    <xsl:text>\par\vspace{1.5pt}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="degree">
    <xsl:text>\position{</xsl:text><xsl:apply-templates select="title"/>
    <xsl:text>}{</xsl:text><xsl:apply-templates select="school"/>
    <xsl:text>}{</xsl:text><xsl:apply-templates select="@span"/>
    <xsl:text>}&#10;</xsl:text>
    <xsl:if test="note"><xsl:apply-templates select="note"/><xsl:text>\par&#10;</xsl:text></xsl:if>
  </xsl:template>
</xsl:stylesheet>
