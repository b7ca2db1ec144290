<?xml version="1.0" encoding="UTF-8"?>
<!-- Reads the application.  Writes the résumé as plain text, for forms that take only that. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:strip-space elements="*"/>

  <xsl:template match="/application">
    <xsl:apply-templates select="header"/>
    <xsl:for-each select="summary/sentence">
      <xsl:if test="position() > 1"><xsl:text> </xsl:text></xsl:if>
      <xsl:value-of select="."/>
    </xsl:for-each>
    <xsl:text>&#10;&#10;EXPERIENCE&#10;</xsl:text>
    <xsl:apply-templates select="experiences/experience"/>
    <xsl:if test="projects/project">
      <xsl:text>&#10;PROJECTS&#10;&#10;</xsl:text>
      <xsl:apply-templates select="projects/project"/>
    </xsl:if>
    <xsl:if test="skills/group">
      <xsl:text>&#10;SKILLS&#10;&#10;</xsl:text>
      <xsl:apply-templates select="skills/group"/>
    </xsl:if>
    <xsl:text>&#10;EDUCATION&#10;</xsl:text>
    <xsl:apply-templates select="education/degree"/>
    <xsl:text>&#10;LANGUAGES&#10;&#10;</xsl:text>
    <xsl:for-each select="education/language">
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:value-of select="concat(., ': ', @level)"/>
    </xsl:for-each>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="header">
    <xsl:value-of select="concat(name, '&#10;', headline)"/>
    <xsl:for-each select="focus">, <xsl:value-of select="."/></xsl:for-each>
    <xsl:text>&#10;</xsl:text>
    <xsl:for-each select="city | phone | email | link">
      <xsl:if test="position() > 1"> | </xsl:if>
      <xsl:value-of select="."/>
    </xsl:for-each>
    <xsl:text>&#10;&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="experience">
    <xsl:value-of select="concat('&#10;', title, ', ', employer, ', ', place, ' (', @span, ')&#10;')"/>
    <xsl:for-each select="bullet">
      <xsl:value-of select="concat('  * ', ., '&#10;')"/>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="project">
    <xsl:value-of select="concat('  * ', name, ' (', @year, '): ', text, ' ', @link, '&#10;')"/>
  </xsl:template>

  <xsl:template match="group">
    <xsl:value-of select="concat('  * ', @title, ': ')"/>
    <xsl:for-each select="skill">
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:value-of select="."/>
    </xsl:for-each>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="degree">
    <xsl:value-of select="concat('&#10;', title, ', ', school, ' (', @span, ')&#10;')"/>
    <xsl:if test="note"><xsl:value-of select="concat('  * ', note, '&#10;')"/></xsl:if>
  </xsl:template>
</xsl:stylesheet>
