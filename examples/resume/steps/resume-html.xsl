<?xml version="1.0" encoding="UTF-8"?>
<!-- Reads the application.  Writes the résumé as one HTML page, fit for print. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8" indent="yes" doctype-system="about:legacy-compat"/>
  <xsl:strip-space elements="*"/>

  <xsl:variable name="style">
    @page { size: A4; margin: 13mm 16mm }
    body { font: 15px/1.4 Palatino, "Palatino Linotype", P052, Georgia, serif; color: #1a1a1a;
           max-width: 46em; margin: 2.5em auto; padding: 0 1em }
    h1 { font-size: 2em; margin: 0; letter-spacing: .01em }
    h2 { font-size: .95em; margin: 1.3em 0 .4em; padding-bottom: .15em; color: #1f4e79;
         text-transform: uppercase; letter-spacing: .08em; border-bottom: 1px solid #b8c7d6 }
    h3 { font-size: 1em; margin: .7em 0 .1em; display: flex; justify-content: space-between; gap: 1em }
    h3 span { font-weight: normal } .when { color: #555; white-space: nowrap }
    header p { margin: .15em 0 } .headline { color: #1f4e79; font-size: 1.1em }
    .contact { color: #444; font-size: .92em }
    ul { margin: .2em 0; padding-left: 1.2em } li { margin: .1em 0 } p { margin: .3em 0 }
    a { color: inherit; text-decoration-color: #b8c7d6 }
    @media print { body { margin: 0; padding: 0; max-width: none; font-size: 8.8pt; line-height: 1.3 } }
  </xsl:variable>

  <xsl:template match="/application">
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width"/>
        <title><xsl:value-of select="concat(header/name, ' – ', header/headline)"/></title>
        <style><xsl:value-of select="$style"/></style>
      </head>
      <body>
        <xsl:apply-templates select="header | summary"/>
        <h2>Experience</h2>
        <xsl:apply-templates select="experiences/experience"/>
        <xsl:if test="projects/project">
          <h2>Projects</h2>
          <ul><xsl:apply-templates select="projects/project"/></ul>
        </xsl:if>
        <xsl:if test="skills/group">
          <h2>Skills</h2>
          <xsl:apply-templates select="skills/group"/>
        </xsl:if>
        <h2>Education and languages</h2>
        <xsl:apply-templates select="education/degree"/>
        <p>
          <b>Languages: </b>
          <xsl:for-each select="education/language">
            <xsl:if test="position() > 1">, </xsl:if>
            <xsl:value-of select="concat(., ' – ', @level)"/>
          </xsl:for-each>
        </p>
      </body>
    </html>
  </xsl:template>

  <xsl:template match="header">
    <header>
      <h1><xsl:value-of select="name"/></h1>
      <p class="headline">
        <xsl:value-of select="headline"/>
        <xsl:for-each select="focus"> · <xsl:value-of select="."/></xsl:for-each>
      </p>
      <p class="contact">
        <xsl:for-each select="city | phone | email | link">
          <xsl:if test="position() > 1"> · </xsl:if>
          <xsl:apply-templates select="."/>
        </xsl:for-each>
      </p>
    </header>
  </xsl:template>

  <xsl:template match="email"><a href="mailto:{.}"><xsl:value-of select="."/></a></xsl:template>
  <xsl:template match="link"><a href="https://{.}"><xsl:value-of select="."/></a></xsl:template>
  <xsl:template match="@link"><a href="https://{.}"><xsl:value-of select="."/></a></xsl:template>

  <xsl:template match="summary">
    <h2>Summary</h2>
    <p>
      <xsl:for-each select="sentence">
        <xsl:if test="position() > 1"><xsl:text> </xsl:text></xsl:if>
        <xsl:value-of select="."/>
      </xsl:for-each>
    </p>
  </xsl:template>

  <xsl:template match="experience">
    <h3>
      <span><b><xsl:value-of select="title"/></b>, <xsl:value-of select="concat(employer, ', ', place)"/></span>
      <span class="when"><xsl:value-of select="@span"/></span>
    </h3>
    <ul><xsl:for-each select="bullet"><li><xsl:value-of select="."/></li></xsl:for-each></ul>
  </xsl:template>

  <xsl:template match="project">
    <li>
      <b><xsl:value-of select="name"/></b>
      <xsl:value-of select="concat(' (', @year, '). ', text, ' ')"/>
      <xsl:apply-templates select="@link"/>
    </li>
  </xsl:template>

  <xsl:template match="group">
    <p>
      <b><xsl:value-of select="@title"/>: </b>
      <xsl:for-each select="skill">
        <xsl:if test="position() > 1">, </xsl:if>
        <xsl:value-of select="."/>
      </xsl:for-each>
    </p>
  </xsl:template>

  <xsl:template match="degree">
    <h3>
      <span><b><xsl:value-of select="title"/></b>, <xsl:value-of select="school"/></span>
      <span class="when"><xsl:value-of select="@span"/></span>
    </h3>
    <xsl:if test="note"><p><xsl:value-of select="note"/></p></xsl:if>
  </xsl:template>
</xsl:stylesheet>
